#include "util/decoder.h"

#include <zlib.h>

#include "util/error.h"
#ifdef HEED_ZSTD
#include <zstd.h>
#endif
#ifdef HEED_XZ
#include <lzma.h>
#endif

namespace heed {
namespace {

class GzipDecoder : public Decoder {
 public:
  explicit GzipDecoder(const std::string& path) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) fail("{}: zlib could not start", path);
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  std::string decode(std::string_view& in, std::span<char>& out, bool) override {
    while (!out.empty()) {
      if (whole_) skip_padding(in);
      if (whole_ && in.empty()) return "";
      if (whole_ && (padded_ || inflateReset(&stream_) != Z_OK)) return "bytes after the padding";
      whole_ = false;
      size_t before = in.size() + out.size();
      std::string fault = inflate_some(in, out);
      if (!fault.empty() || in.size() + out.size() == before) return fault;
    }
    return "";
  }

  bool complete() const override { return whole_; }

 private:
  void skip_padding(std::string_view& in) {
    size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
    padded_ = padded_ || zeros > 0;
    in.remove_prefix(zeros);
  }

  std::string inflate_some(std::string_view& in, std::span<char>& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    int status = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(in.size() - stream_.avail_in);
    out = out.subspan(out.size() - stream_.avail_out);
    whole_ = status == Z_STREAM_END;
    if (whole_ || status == Z_OK || status == Z_BUF_ERROR) return "";
    return stream_.msg == nullptr ? "unknown" : stream_.msg;
  }

  z_stream stream_{};
  bool whole_ = false, padded_ = false;
};

#ifdef HEED_ZSTD
class ZstdDecoder : public Decoder {
 public:
  explicit ZstdDecoder(const std::string& path) : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) fail("{}: zstd could not start", path);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  std::string decode(std::string_view& in, std::span<char>& out, bool) override {
    while (!out.empty()) {
      ZSTD_inBuffer from{in.data(), in.size(), 0};
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      size_t left = ZSTD_decompressStream(stream_, &to, &from);
      in.remove_prefix(from.pos);
      out = out.subspan(to.pos);
      if (ZSTD_isError(left) != 0) return ZSTD_getErrorName(left);
      if (from.pos == 0 && to.pos == 0) return "";
      whole_ = left == 0;
    }
    return "";
  }

  bool complete() const override { return whole_; }

 private:
  ZSTD_DStream* stream_;
  bool whole_ = false;
};
#endif

#ifdef HEED_XZ
class XzDecoder : public Decoder {
 public:
  explicit XzDecoder(const std::string& path) {
    // What `xz -9` wants is 65 MiB: a file that demands gigabytes is none of text.
    constexpr uint64_t kMostMemory = uint64_t{1} << 30;
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) != LZMA_OK) {
      fail("{}: liblzma could not start", path);
    }
  }
  ~XzDecoder() override { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  std::string decode(std::string_view& in, std::span<char>& out, bool last) override {
    if (whole_) return "";
    stream_.next_in = reinterpret_cast<const uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(out.data());
    stream_.avail_out = out.size();
    lzma_ret status = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    in.remove_prefix(in.size() - stream_.avail_in);
    out = out.subspan(out.size() - stream_.avail_out);
    whole_ = status == LZMA_STREAM_END;
    // Without progress: the caller sees whether that is an end too early.
    if (whole_ || status == LZMA_OK || status == LZMA_BUF_ERROR) return "";
    return reason(status);
  }

  bool complete() const override { return whole_; }

 private:
  static std::string reason(lzma_ret status) {
    switch (status) {
      case LZMA_FORMAT_ERROR:
        return "bytes that are no xz stream";
      case LZMA_OPTIONS_ERROR:
        return "options that liblzma does not know";
      case LZMA_MEMLIMIT_ERROR:
        return "more than 1 GiB of memory is demanded";
      case LZMA_MEM_ERROR:
        return "out of memory";
      default:
        return "incorrect data";
    }
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool whole_ = false;
};
#endif

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::string_view form, const std::string& path) {
  if (form == "gzip") return std::make_unique<GzipDecoder>(path);
#ifdef HEED_ZSTD
  if (form == "zstd") return std::make_unique<ZstdDecoder>(path);
#endif
#ifdef HEED_XZ
  if (form == "xz") return std::make_unique<XzDecoder>(path);
#endif
  if (form == "zstd" || form == "xz") {
    fail(
        "{}: is compressed by {}, and this heed was built without its library: decompress it "
        "first, or install {} and build again",
        path, form, form == "xz" ? "liblzma-dev" : "libzstd-dev");
  }
  for (const char* document : {"PDF", "RTF", "Microsoft Office", "PNG", "JPEG", "ELF"}) {
    if (form == document) {
      fail("{}: has the format {}, and heed reads plain text in UTF-8", path, form);
    }
  }
  bool archive = form == "zip" || form == "7-Zip" || form == "rar" || form == "tar";
  fail("{}: is a {} {}, and heed reads plain text, gzip, zstd and xz: unpack it first", path, form,
       archive ? "archive" : "file");
}

std::string_view without_packed_ending(std::string_view name) {
  for (std::string_view ending : {".gz", ".zst", ".xz"}) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

}  // namespace heed
