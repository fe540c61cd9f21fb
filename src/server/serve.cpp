#include "server/serve.h"

#include <csignal>
#include <ctime>
#include <system_error>
#include <thread>

#include "server/deepl.h"
#include "server/files.h"
#include "server/heed_api.h"
#include "server/http_server.h"
#include "server/libretranslate.h"
#include "server/page.h"
#include "server/status.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/signals.h"

namespace heed {
namespace {

constexpr long kLookNanoseconds = 100'000'000;  // at whether a signal has come

// From now on SIGHUP waits until somebody asks for it, in this thread and those it starts.
sigset_t hold_hangups() {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
  return hangup;
}

// Returns once a stop is asked for. Models are loaded beside, so that a stop need not wait.
void wait_for_stop(Service& service, const sigset_t& hangup) {
  std::thread loading;
  timespec wait = {0, kLookNanoseconds};
  while (stop_signal() == 0) {
    if (sigtimedwait(&hangup, nullptr, &wait) != SIGHUP) continue;
    if (loading.joinable()) loading.join();
    log_info("SIGHUP: loading anew what is in files");
    try {
      loading = std::thread([&] { service.reload(); });
    } catch (const std::system_error&) {  // no thread is left: a stop waits for it then
      service.reload();
    }
  }
  if (loading.joinable()) loading.join();
}

}  // namespace

int serve(const ServerConfig& config, const Service::CatalogueLoader& load) {
  sigset_t hangup = hold_hangups();
  Service service(config, load);
  Router router;
  add_page(router);
  add_libretranslate(router, service);
  add_files(router, service);
  add_heed_api(router, service);
  add_deepl(router, service);
  HttpServer server(config, [&](const HttpRequest& request) {
    double start = seconds_now();
    HttpAnswer answer = router(request);
    service.metrics().count_request(router.route_of(request.path), answer.status,
                                    seconds_now() - start);
    return answer;
  });
  server.on_refusal([&](const HttpServer::Refusal& refusal) {
    service.metrics().count_request(router.route_of(refusal.path), refusal.status, refusal.seconds);
  });
  add_status(router, service, [&] { return server.counts(); });
  if (!config.certificate.empty()) {
    service.add_reload("the certificate and its key", [&] { server.reload_certificate(); });
  }
  stop_on_request(SecondSignal::kEnds);
  std::thread serving([&] { server.run(); });
  log_info("serving at {}", server.url());
  wait_for_stop(service, hangup);
  log_info("stopping: what is in flight is answered first");
  server.stop();
  serving.join();
  return 128 + stop_signal();
}

}  // namespace heed
