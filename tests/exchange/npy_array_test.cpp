#include "exchange/npy_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/torch.h"

#include "util/error.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string npy(const std::string& header, const std::string& data) {
  std::string content = "\x93NUMPY";
  content += '\x01';
  content += '\0';
  content += static_cast<char>(header.size() & 0xFF);
  content += static_cast<char>(header.size() >> 8);
  return content + header + data;
}

std::string bytes_of(const at::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

TEST(NpyArrayTest, ReadsNumbersOfEachType) {
  for (auto [kind, type] : {std::pair("<f4", torch::kFloat32), std::pair("<f2", torch::kFloat16),
                            std::pair("<f8", torch::kFloat64), std::pair("|i1", torch::kInt8)}) {
    at::Tensor values = torch::arange(6).to(type).view({2, 3});
    std::string header =
        std::string("{'descr': '") + kind + "', 'fortran_order': False, 'shape': (2, 3), }    \n";
    EXPECT_TRUE(torch::equal(parse_npy(npy(header, bytes_of(values)), "x"), values)) << kind;
  }
  at::Tensor one = parse_npy(
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", std::string(12, '\0')), "x");
  EXPECT_EQ(one.sizes(), (std::vector<int64_t>{3}));
  EXPECT_EQ(
      parse_npy(
          npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", std::string(4, '\0')), "x")
          .dim(),
      0);
}

TEST(NpyArrayTest, RefusesWhatIsNone) {
  auto refused = [](const std::string& content, const char* why) {
    EXPECT_THAT([&] { parse_npy(content, "m.npz, x"); },
                ThrowsMessage<Error>(HasSubstr(std::string("m.npz, x: no NumPy array: ") + why)));
  };
  auto header = [](const std::string& kind, const std::string& order, const std::string& shape) {
    return "{'descr': " + kind + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  };
  const std::string data(24, 'x');
  refused("", "it does not begin like one");
  refused("PK\x03\x04 and more of it", "it does not begin like one");
  refused(npy(header("'<f4'", "False", "(6,)"), data).substr(0, 30), "its header is cut off");
  refused(npy("nothing", data), "its header is damaged");
  refused(npy(header("'<f4'", "True", "(2, 3)"), data), "its header is damaged");
  refused(npy(header("'<f4'", "False", "(2, x)"), data), "its header is damaged");
  refused(npy(header("'<f4'", "False", "(-2, -3)"), data), "its header is damaged");
  refused(npy(header("<f4", "False", "(2, 3)"), data), "its header is damaged");
  refused(npy(header("'>f4'", "False", "(2, 3)"), data), "its numbers are >f4");
  refused(npy(header("'<f4'", "False", "(2, 4)"), data), "it has 24 bytes");
  refused(npy(header("'<f4'", "False", "(4294967296, 4294967296, 4294967296)"), data),
          "it has 24 bytes");
  refused(npy(header("'<f4'", "False", "(0, 9223372036854775807, 9223372036854775807)"), data),
          "it has 24 bytes");
  refused(npy(header("'<f4'", "False", "(0, 9223372036854775807, 9223372036854775807)"), ""),
          "it has 0 bytes");
}

}  // namespace
}  // namespace heed
