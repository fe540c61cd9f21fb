#!/usr/bin/env python3
"""Records of event files, by TensorBoard's own writer, for tests/report/event_file_test.cpp.

    pip install tensorboard && scripts/make_event_golden.py
"""

import golden
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1700000000.25


def scalars(step, **values):
    summary = summary_pb2.Summary(value=[
        summary_pb2.Summary.Value(tag=tag.replace("__", "/"), simple_value=value)
        for tag, value in values.items()])
    return event_pb2.Event(wall_time=TIME + step, step=step, summary=summary)


EVENTS = [
    event_pb2.Event(wall_time=TIME, file_version="brain.Event:2"),
    event_pb2.Event(wall_time=TIME, step=101,
                    session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
    scalars(200, train__loss=5.125, train__learning_rate=5e-4),
    scalars(123456789012, valid__bleu=0.0, valid__loss=float("inf")),
    scalars(0, **{"x" * 300: -1.5}),
]


def main():
    options = golden.parser(__doc__, "report").parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "events.bin"
    with open(path, "wb") as file:
        writer = RecordWriter(file)
        for event in EVENTS:
            writer.write(event.SerializeToString())
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
