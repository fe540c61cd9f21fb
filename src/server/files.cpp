#include "server/files.h"

#include <algorithm>
#include <random>

#include "server/detection.h"
#include "server/languages.h"
#include "server/markup.h"
#include "server/subtitles.h"
#include "server/text_translation.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::chrono::minutes kKept(30);
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kNameBytes = 200;  // of a document's name: its address must stay one to ask for
constexpr int kStoredBodies = 16;   // as large as a request may be, of all documents together

using Json = nlohmann::ordered_json;

std::string ending_of(const std::string& name) {
  size_t dot = name.find_last_of('.');
  return dot == std::string::npos ? "" : normal_code(name.substr(dot));
}

// "a.txt" and "de" -> "a_de.txt", without folders, and fit for a name of a file.
std::string translated_name(const std::string& name, const std::string& target) {
  std::string base = repair_utf8(name.substr(name.find_last_of("/\\") + 1)), safe;
  size_t dot = base.find_last_of('.');
  for (size_t at = 0; at < dot;) {
    DecodedChar c = decode_utf8(base, at);
    bool odd = is_control(c.code_point) || (is_invisible(c.code_point) && c.code_point != ' ');
    append_utf8(safe, odd || c.code_point == '"' ? U'_' : c.code_point);
    at += static_cast<size_t>(c.bytes);
  }
  return std::string(truncate_utf8(safe, kNameBytes)) + "_" + target + base.substr(dot);
}

std::string random_id() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

std::string translate_subtitles(const std::string& content, const ModelPtr& model, Call& call,
                                const SentenceSink& each) {
  Subtitles subtitles(content);
  if (auto line = subtitles.fault()) {
    refuse(400,
           "Invalid request: line {} of the file has --> and no times around it; write them as in "
           "00:00:01,000 --> 00:00:02,000",
           *line);
  }
  if (!subtitles.has_times() && !is_blank(content)) {
    refuse(400,
           "Invalid request: the file has no cue as subtitles have: a line of times, "
           "00:00:01,000 --> 00:00:02,000, and lines of text; name it .txt if it is text");
  }
  bool tags = content.find('<') != std::string::npos;
  if (!tags) {
    std::vector<TextDemand> demands;
    for (const std::string& cue : subtitles.cues()) demands.push_back({.text = cue});
    std::vector<std::string> translations;
    for (const TranslatedText& text : translate_texts(*model, demands, call, each)) {
      translations.push_back(text.text());
    }
    return subtitles.with(translations);
  }
  // SubRip has HTML's tags and none of its entities.
  std::vector<std::string> cues, translations;
  for (std::string cue : subtitles.cues()) {
    replace_all(cue, "&", "&amp;");
    cues.push_back(std::move(cue));
  }
  for (const auto& translated : translate_html(cues, model, call, each)) {
    translations.push_back(decode_entities(translated[0]));
  }
  return subtitles.with(translations);
}

}  // namespace

const std::vector<std::string>& supported_file_endings() {
  static const std::vector<std::string> endings = {".txt", ".html", ".htm", ".srt"};
  return endings;
}

std::string FileStore::add(const std::string& name, std::string content, Clock::time_point now) {
  std::string id = random_id();
  std::lock_guard lock(mutex_);
  bytes_ += content.size();
  files_.push_back({id, name, std::move(content), now + kKept});
  forget(now);
  return id + "." + name;
}

FileStore::File FileStore::get(const std::string& id, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  forget(now);
  for (const File& file : files_) {
    if (file.id + "." + file.name == id) return file;
  }
  refuse(404, "There is no such file, or no longer");
}

void FileStore::forget(Clock::time_point now) {
  while (!files_.empty() &&
         (files_.front().until < now || (bytes_ > most_bytes_ && files_.size() > 1))) {
    bytes_ -= files_.front().content.size();
    files_.pop_front();
  }
}

namespace {

// A document translated: its text as that of a file of this ending. Throws HttpError (400) for what
// is no UTF-8 text.
std::string translate_document(const std::string& content, const std::string& ending,
                               const ModelPtr& model, Call& call, const SentenceSink& each) {
  if (needs_repair(content)) {
    refuse(400, "Invalid request: the file is no text in UTF-8; save it as that");
  }
  bool marked = content.starts_with(kByteOrderMark);
  std::string text = content.substr(marked ? kByteOrderMark.size() : 0);
  std::string translated;
  if (ending == ".srt") {
    translated = translate_subtitles(text, model, call, each);
  } else if (ending == ".txt") {
    translated = translate_texts(*model, {{.text = text}}, call, each)[0].text();
  } else {
    translated = translate_html({text}, model, call, each)[0][0];
  }
  return (marked ? std::string(kByteOrderMark) : "") + translated;
}

// What POST /translate_file asks for, checked in LibreTranslate's order.
struct FileQuery {
  FormPart file;
  std::string source, target;
  bool stream;
};

FileQuery read_file_query(const HttpRequest& request, const Fields& fields) {
  FileQuery query{.file = {},
                  .source = normal_code(fields.text("source")),
                  .target = normal_code(fields.text("target")),
                  .stream = fields.flag("stream")};
  auto is_file = [](const FormPart& part) { return part.name == "file"; };
  auto file = std::ranges::find_if(request.parts, is_file);
  if (std::ranges::count_if(request.parts, is_file) > 1) {
    refuse(400, "Invalid request: file comes twice; send one document a request");
  }
  if (file == request.parts.end()) refuse(400, "Invalid request: missing file parameter");
  if (query.source.empty()) refuse(400, "Invalid request: missing source parameter");
  if (query.target.empty()) refuse(400, "Invalid request: missing target parameter");
  if (file->filename.empty()) refuse(400, "Invalid request: empty file");
  query.file = *file;
  const auto& known = supported_file_endings();
  if (std::ranges::count(known, ending_of(file->filename)) == 0) {
    refuse(400, "Invalid request: file format not supported (supported: {})", join(known, ", "));
  }
  return query;
}

class FileTranslation {
 public:
  FileTranslation(Service& service, FileStore& store, const HttpRequest& request)
      : store_(store), origin_(request.origin) {
    Fields fields(request);
    service.admit(request, fields);
    query_ = read_file_query(request, fields);
    check_texts(service, {query_.file.content});
    auto catalogue = service.catalogue();
    if (query_.source == "auto") {
      bool html = ending_of(query_.file.filename).starts_with(".htm");
      std::string seen = html ? visible_text(query_.file.content) : query_.file.content;
      query_.source = detect(*catalogue, {seen}, query_.target).at(0).language;
    }
    languages_ = find_languages(*catalogue, query_.source, query_.target);
    require_model(languages_);
    call_ = service.call(request);
  }

  bool wants_stream() const { return query_.stream; }

  // The address of the translated document.
  std::string run(const SentenceSink& each) {
    std::string translated = translate_document(
        query_.file.content, ending_of(query_.file.filename), languages_.model, *call_, each);
    std::string name = translated_name(query_.file.filename, languages_.target);
    return origin_ + "/download_file/" + percent_encoded(store_.add(name, std::move(translated)));
  }

 private:
  FileStore& store_;
  std::string origin_;
  FileQuery query_;
  Languages languages_;
  std::unique_ptr<Call> call_;
};

HttpAnswer translate_file(Service& service, FileStore& store, const HttpRequest& request) {
  auto translation = std::make_shared<FileTranslation>(service, store, request);
  if (!translation->wants_stream()) {
    std::string url = translation->run({});
    return {.body = to_body({{"translatedFileUrl", url}})};
  }
  auto stream = [translation](const HttpAnswer::Write& write) {
    try {
      std::string url = translation->run([&](const SentenceNews& news) {
        if (!write(event({{"done", news.done}, {"all", news.all}}))) throw ClientLeft();
      });
      write(event({{"translatedFileUrl", url}}));
    } catch (const std::exception& error) {
      write(event({{"error", error.what()}}));
    }
  };
  return {.content_type = "text/event-stream",
          .headers = {{"Cache-Control", "no-store"}},
          .stream = stream};
}

// Readers that know RFC 6266 take the second name, the others the first, which is ASCII.
std::string disposition_of(const std::string& name) {
  return "attachment; filename=\"" + header_safe(name) + "\"; filename*=UTF-8''" +
         percent_encoded(name);
}

HttpAnswer download(FileStore& store, const HttpRequest& request) {
  FileStore::File file = store.get(request.path.substr(std::string_view("/download_file/").size()));
  bool html = ending_of(file.name).starts_with(".htm");
  // As an attachment: a page that somebody has sent must not run as one of ours.
  return {.content_type = html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
          .body = std::move(file.content),
          .headers = {{"Content-Disposition", disposition_of(file.name)},
                      {"X-Content-Type-Options", "nosniff"}}};
}

}  // namespace

void add_files(Router& router, Service& service) {
  auto store =
      std::make_shared<FileStore>(static_cast<size_t>(kStoredBodies * service.config().max_body));
  router.add("POST", "/translate_file", [&service, store](const HttpRequest& request) {
    return translate_file(service, *store, request);
  });
  router.add("GET", "/download_file/*",
             [store](const HttpRequest& request) { return download(*store, request); });
}

}  // namespace heed
