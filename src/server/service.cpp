#include "server/service.h"

#include "server/languages.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {

Service::Service(const ServerConfig& config, CatalogueLoader load)
    : config_(config),
      load_(std::move(load)),
      catalogue_(std::make_shared<const Catalogue>(load_())),
      admission_(config),
      waiting_(config.max_queue) {
  add_reload("the models", [this] { load_catalogue(); });
  if (!config.api_keys.empty()) add_reload("the API keys", [this] { admission_.reload_keys(); });
}

void Service::add_reload(std::string what, std::function<void()> load) {
  reloads_.push_back({std::move(what), std::move(load)});
}

void Service::load_catalogue() {
  CataloguePtr loaded = std::make_shared<const Catalogue>(load_());
  std::lock_guard lock(mutex_);  // the old models, should nobody use them, go after it
  catalogue_.swap(loaded);
}

Service::CataloguePtr Service::catalogue() const {
  std::lock_guard lock(mutex_);
  return catalogue_;
}

void Service::reload() {
  bool all = true;
  for (const Reload& one : reloads_) {
    double start = seconds_now();
    try {
      one.load();
      log_info("loaded {} anew in {}", one.what, format_duration(seconds_now() - start));
    } catch (const std::exception& error) {
      all = false;
      log_line(LogLevel::kError, fmt::format("loading {} anew failed, those of before stay: {}",
                                             one.what, error.what()));
    }
  }
  metrics_.count_reload(all);
}

void Service::admit(const HttpRequest& request, const Fields& fields, size_t texts) {
  admission_.admit({fields.api_key(), request.address}, static_cast<int64_t>(texts));
}

std::unique_ptr<Call> Service::call(const HttpRequest& request) {
  return std::make_unique<Call>(
      waiting_, Call::Limits{std::chrono::seconds(config_.deadline), request.client_waits});
}

void check_texts(Service& service, const std::vector<std::string>& texts) {
  const ServerConfig& config = service.config();
  auto count = static_cast<int64_t>(texts.size());
  if (config.max_batch > 0 && count > config.max_batch) {
    refuse(400, "Invalid request: request ({}) exceeds text limit ({})", count, config.max_batch);
  }
  int64_t all = 0;
  for (const std::string& text : texts) {
    auto characters = static_cast<int64_t>(utf8_length(text));
    all += characters;
    if (config.max_characters > 0 && characters > config.max_characters) {
      refuse(400, "Invalid request: request ({}) exceeds text limit ({})", characters,
             config.max_characters);
    }
  }
  service.metrics().count_characters(all);
}

Languages find_languages(const Catalogue& catalogue, const std::string& source,
                         const std::string& target) {
  Languages found{catalogue.known_code(source), catalogue.known_code(target), nullptr};
  if (found.source.empty()) refuse(400, "{} is not supported", source);
  if (found.target.empty()) refuse(400, "{} is not supported", target);
  found.model = catalogue.find(found.source, found.target);
  return found;
}

void require_model(const Languages& languages) {
  if (languages.model) return;
  refuse(400, "{} ({}) is not available as a target language from {} ({})",
         language_name(languages.target), languages.target, language_name(languages.source),
         languages.source);
}

}  // namespace heed
