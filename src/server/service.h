// What all interfaces of the server share: the models, the limits, the counts.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/admission.h"
#include "server/call.h"
#include "server/catalogue.h"
#include "server/fields.h"
#include "server/metrics.h"

namespace heed {

class Service {
 public:
  using CataloguePtr = std::shared_ptr<const Catalogue>;
  // Loads the models. Throws what loading throws.
  using CatalogueLoader = std::function<Catalogue()>;
  Service(const ServerConfig& config, CatalogueLoader load);

  const ServerConfig& config() const { return config_; }
  // The models as they are now. Who holds it goes on with them, whatever is loaded meanwhile.
  CataloguePtr catalogue() const;
  // Loads all models anew, and what else add_reload has named. Where one of these fails, that of
  // before stays, and the log says why.
  void reload();
  void add_reload(std::string what, std::function<void()> load);

  // Throws HttpError for a caller that may not ask. Each text counts as a request.
  void admit(const HttpRequest& request, const Fields& fields, size_t texts = 1);
  // A call whose translations are limited by the deadline and by whether the client waits.
  std::unique_ptr<Call> call(const HttpRequest& request);
  Metrics& metrics() { return metrics_; }
  const WaitingSentences& waiting() const { return waiting_; }

 private:
  void load_catalogue();

  ServerConfig config_;
  CatalogueLoader load_;
  struct Reload {
    std::string what;
    std::function<void()> load;
  };
  std::vector<Reload> reloads_;
  mutable std::mutex mutex_;
  CataloguePtr catalogue_;
  Admission admission_;
  Metrics metrics_;
  WaitingSentences waiting_;
};

// Throws HttpError (400) in LibreTranslate's words for a text of too many characters, and counts
// the characters.
void check_texts(Service& service, const std::vector<std::string>& texts);

// What a request says of the languages, checked and found.
struct Languages {
  std::string source, target;  // as the catalogue writes them
  ModelPtr model;              // null where none translates so
};
// Throws HttpError (400) in LibreTranslate's words for a language that there is not.
Languages find_languages(const Catalogue& catalogue, const std::string& source,
                         const std::string& target);
// Throws HttpError (400) in LibreTranslate's words where no model translates so.
void require_model(const Languages& languages);

}  // namespace heed
