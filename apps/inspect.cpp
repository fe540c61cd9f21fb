// heed inspect MODEL -i FILE -o PAGE.html: attention, as a page to look at and as numbers.
#include <nlohmann/json.hpp>

#include "command.h"
#include "decoding/inspection.h"
#include "decoding/shortlist.h"
#include "report/attention_page.h"
#include "report/attention_svg.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

struct InspectFlags {
  std::string folder, input = "-", target, format = "html", report, alignment, ambiguous;
  std::string output;  // empty: no page where numbers are asked for, else standard output
  size_t sentences = 100;
  int layer = 0, head = 0;  // of an SVG; 0 is all
  ComputeFlags compute;
  DecodingFlags decoding;

  bool numbers_wanted() const {
    return !report.empty() || !alignment.empty() || !ambiguous.empty();
  }
  std::string page() const { return output.empty() && !numbers_wanted() ? "-" : output; }
  bool table_wanted() const { return page() != "-" && report != "-"; }
};

void write_page(const InspectFlags& flags, const ModelConfig& model, Inspection& inspection) {
  AttentionDocument document;
  document.title = "Attention of " + flags.folder;
  document.facts = {{"architecture", std::string(model.architecture.name())},
                    {"score", std::string(model.attention_score.name())},
                    {"scope", std::string(model.attention_scope.name())},
                    {"weights", std::string(model.attention_weights.name())},
                    {"target", flags.target.empty() ? "the model's translation" : flags.target}};
  document.sentences = inspection.take_sentences();
  if (document.sentences.size() < inspection.inspected()) {
    log_info("the page shows the first {} of {} sentences; --sentences shows more",
             document.sentences.size(), inspection.inspected());
  }
  if (flags.format == "svg") {
    AttentionSvgOptions options;
    options.layer = flags.layer;
    options.head = flags.head;
    write_whole(flags.page(), render_attention_svg(document.sentences.at(0), options));
  } else {
    write_whole(flags.page(), flags.format == "json" ? render_attention_json(document)
                                                     : render_attention_html(document));
  }
}

void write_report(const InspectFlags& flags, const AttentionReport& report) {
  if (flags.table_wanted()) write_whole("-", report.table());
  if (flags.report.empty()) return;
  using Json = nlohmann::ordered_json;
  Json json = {{"format", "heed-attention-report-1"},
               {"model", flags.folder},
               {"source", flags.input},
               {"target", nullptr}};
  if (!flags.target.empty()) json["target"] = flags.target;
  json.update(report.json());
  write_whole(flags.report, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void check_flags(const InspectFlags& flags) {
  check_paths({flags.input, flags.target, flags.alignment, flags.ambiguous},
              {flags.page(), flags.report});
  if (flags.format != "html" && flags.page().empty()) {
    fail_usage("inspect: --format {} is of the page; give -o as well", flags.format);
  }
  if (flags.format != "svg" && (flags.layer != 0 || flags.head != 0)) {
    fail_usage("inspect: --layer and --head choose what --format svg draws; {} holds every one",
               flags.format);
  }
}

int inspect(const InspectFlags& flags) {
  check_flags(flags);
  set_log_quiet(flags.compute.quiet);
  InspectionTexts texts = read_inspection({.source = flags.input,
                                           .target = flags.target,
                                           .alignment = flags.alignment,
                                           .ambiguous = flags.ambiguous});
  auto lines = std::count_if(texts.source.begin(), texts.source.end(),
                             [](const std::string& line) { return !is_blank(line); });
  if (lines == 0) fail("{}: no line to translate", flags.input);
  if (flags.format == "svg" && lines != 1) {
    fail("--format svg draws one sentence, the input has {} that are not blank", lines);
  }
  if (!flags.alignment.empty() && flags.target.empty()) {
    log_warning(
        "--alignment is compared with the model's own translations, link by link; for the error "
        "rates of the literature give the translations that were aligned: --target FILE");
  }
  check_paths(model_files({flags.folder}), {flags.page(), flags.report});
  LoadedModel loaded = load_models({flags.folder}, flags.compute.choice);
  SearchOptions search(flags.decoding.over(loaded.config));
  search.lexicon = load_shortlist({flags.folder}, loaded, search);
  search.want_attention = true;  // pieces come with it
  Inspection inspection(loaded, engine_options(search, {}, flags.compute), texts,
                        flags.page().empty() ? 0 : flags.sentences, flags.input);
  inspection.run();
  if (inspection.inspected() == 0) {
    fail("{} and {}: no line has text on both sides", flags.input, flags.target);
  }
  if (!flags.page().empty()) write_page(flags, loaded.config.model, inspection);
  write_report(flags, inspection.report());
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("inspect", "Show and measure what a model attends to");
  auto flags = std::make_shared<InspectFlags>();
  command->add_option("folder", flags->folder, "Model folder, or the folder of a checkpoint")
      ->required();
  command->add_option("-i,--input", flags->input, "Source text; - is standard input");
  command->add_option("--target", flags->target,
                      "Translations to inspect, a line each; without: the model's own");
  command->add_option(
      "-o,--output", flags->output,
      "The page; - is standard output, which is also the default unless numbers are "
      "asked for. With a file, a table of the numbers goes to standard output");
  command->add_option("--format", flags->format, "html, json, or svg (of a single sentence)")
      ->check(CLI::IsMember({"html", "json", "svg"}))
      ->capture_default_str();
  command->add_option("--sentences", flags->sentences, "Sentences on the page at most")
      ->check(whole_number(1, 1000000))
      ->capture_default_str();
  command->add_option("--layer", flags->layer, "Layer that --format svg draws; 0: mean of all")
      ->check(whole_number(0, 1000));
  command->add_option("--head", flags->head, "Head that --format svg draws; 0: mean of all")
      ->check(whole_number(0, 1000));
  command->add_option("--report", flags->report, "The numbers as JSON; - is standard output");
  command->add_option(
      "--alignment", flags->alignment,
      "Gold alignments (0-0 1-2 2?3): error rate, precision and recall of each head");
  command->add_option("--ambiguous", flags->ambiguous,
                      "List of ambiguous words (see data/README.md): how many came out right");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run.work = [flags] { return inspect(*flags); }; });
}

}  // namespace heed
