#include "util/temporary_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "util/error.h"

namespace heed {

int open_temporary(const std::string& folder) {
#ifdef O_TMPFILE
  int nameless = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (nameless >= 0) return nameless;
#endif
  // A file system without such files, NFS say: it has a name for a moment.
  std::string path = folder + "/heed-XXXXXX";
  int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) fail("cannot make a temporary file in {}: {}", folder, system_reason());
  ::unlink(path.c_str());
  return descriptor;
}

std::string temporary_folder() {
  std::error_code ignored;
  std::filesystem::path path = std::filesystem::temp_directory_path(ignored);
  return path.empty() ? "/tmp" : path.string();
}

}  // namespace heed
