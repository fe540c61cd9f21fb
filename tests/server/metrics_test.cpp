#include "server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::HasSubstr;

TEST(MetricsTest, AreInPrometheusForm) {
  Metrics metrics;
  metrics.count_request("/translate", 200, 0.02);
  metrics.count_request("/translate", 200, 3);
  metrics.count_request("/translate", 429, 0.001);
  metrics.count_characters(12);
  metrics.count_reload(true);
  std::string text = metrics.render({{"heed_now", "Now.", 1.5}});
  EXPECT_THAT(text, HasSubstr("heed_requests_total{path=\"/translate\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("heed_requests_total{path=\"/translate\",status=\"429\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{path=\"/translate\",le=\"0.025\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{path=\"/translate\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("_count{path=\"/translate\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE heed_characters_total counter\nheed_characters_total 12\n"));
  EXPECT_THAT(text, HasSubstr("heed_reloads_total 1\n"));
  EXPECT_THAT(text, HasSubstr("# HELP heed_now Now.\n# TYPE heed_now gauge\nheed_now 1.5\n"));
}

TEST(MetricsTest, MemoryIsMeasured) { EXPECT_GT(resident_bytes(), 1e6); }

}  // namespace
}  // namespace heed
