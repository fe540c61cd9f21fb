#include "server/admission.h"

#include <gtest/gtest.h>

#include "server/http.h"
#include "server/served.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using std::chrono::seconds;

int status_of(Admission& admission, const Admission::Caller& caller, int64_t cost,
              Admission::Clock::time_point now) {
  try {
    admission.admit(caller, cost, now);
  } catch (const HttpError& error) {
    return error.status();
  }
  return 200;
}

TEST(AdmissionTest, AMinuteFillsAgainSteadily) {
  ServerConfig config = served::config();
  config.requests_per_minute = 6;
  Admission admission(config);
  auto now = Admission::Clock::now();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(status_of(admission, {"", "a"}, 1, now), 200);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now), 429);
  EXPECT_EQ(status_of(admission, {"", "b"}, 1, now), 200);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now + seconds(9)), 429);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now + seconds(11)), 200);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now + seconds(12)), 429);
}

TEST(AdmissionTest, ABatchCountsEachText) {
  ServerConfig config = served::config();
  config.requests_per_minute = 6;
  Admission admission(config);
  auto now = Admission::Clock::now();
  EXPECT_EQ(status_of(admission, {"", "a"}, 12, now), 200);  // once; then it is in debt
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now + seconds(60)), 429);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now + seconds(71)), 200);
}

TEST(AdmissionTest, ADebtOfAnySizeHasATimeToComeAgain) {
  ServerConfig config = served::config();
  config.requests_per_minute = 1;
  Admission admission(config);
  auto now = Admission::Clock::now();
  admission.admit({"", "a"}, int64_t{1} << 40, now);
  try {
    admission.admit({"", "a"}, 1, now);
    FAIL();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.retry_after(), 1000000000);
  }
}

TEST(AdmissionTest, TheErrorSaysWhenToComeAgain) {
  ServerConfig config = served::config();
  config.requests_per_minute = 6;
  Admission admission(config);
  auto now = Admission::Clock::now();
  admission.admit({"", "a"}, 6, now);
  try {
    admission.admit({"", "a"}, 1, now + seconds(4));
    FAIL();
  } catch (const HttpError& error) {
    EXPECT_EQ(std::string(error.what()), "Slowdown: 6 per 1 minute");
    EXPECT_EQ(error.retry_after(), 6);
  }
}

TEST(AdmissionTest, KeysHaveLimitsOfTheirOwn) {
  TempFolder folder;
  ServerConfig config = served::config();
  config.requests_per_minute = 1;
  config.api_keys = folder.write("keys", "# ours\n\nfast 3\nplain\n");
  Admission admission(config);
  auto now = Admission::Clock::now();
  EXPECT_EQ(status_of(admission, {"wrong", "a"}, 1, now), 403);
  EXPECT_EQ(status_of(admission, {"", "a"}, 1, now), 403);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(admission, {"fast", "a"}, 1, now), 200);
  EXPECT_EQ(status_of(admission, {"fast", "b"}, 1, now), 429);
  EXPECT_EQ(status_of(admission, {"plain", "b"}, 1, now), 200);
  EXPECT_EQ(status_of(admission, {"plain", "c"}, 1, now), 429);
  config.api_key_required = false;
  Admission open(config);
  EXPECT_EQ(status_of(open, {"", "a"}, 1, now), 200);
  EXPECT_EQ(status_of(open, {"wrong", "a"}, 1, now), 403);
}

TEST(AdmissionTest, KeysAreReadAnew) {
  TempFolder folder;
  ServerConfig config = served::config();
  config.api_keys = folder.write("keys", "a\n");
  Admission admission(config);
  folder.write("keys", "b\n");
  EXPECT_NO_THROW(admission.check_key("a"));
  admission.reload_keys();
  EXPECT_THROW(admission.check_key("a"), HttpError);
  folder.write("keys", "");
  EXPECT_THROW(admission.reload_keys(), UsageError);
  EXPECT_NO_THROW(admission.check_key("b"));
}

TEST(AdmissionTest, BadKeyFilesAreRefused) {
  TempFolder folder;
  for (const char* bad : {"", "# none\n", "a b\n", "a -1\n", "a 1 2\n"}) {
    EXPECT_THROW(read_api_keys(folder.write("keys", bad)), UsageError) << bad;
  }
}

}  // namespace
}  // namespace heed
