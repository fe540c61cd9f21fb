// What is to be imported: a folder, or a zip file that is read in place.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "util/zip_archive.h"

namespace heed {

class SourceFiles {
 public:
  // Throws Error naming the path where it is neither, or a zip file that is damaged.
  explicit SourceFiles(std::string path);

  const std::string& path() const { return path_; }
  bool is_zip() const { return zip_.has_value(); }
  // Names without folders: a zip's are those of all its members. Ascending.
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return files_.contains(name); }
  // Those that end so.
  std::vector<std::string> ending(const std::string& end) const;
  // For messages, and for opening a folder's file: "opus/vocab.yml".
  std::string where(const std::string& name) const { return path_ + "/" + name; }
  // Throws Error naming the file where it is not there or cannot be read.
  std::string read(const std::string& name) const;
  ZipArchive read_archive(const std::string& name) const;  // an .npz

 private:
  void check(const std::string& name) const;

  std::string path_;
  std::optional<ZipArchive> zip_;
  std::map<std::string, std::string> files_;  // by name: a file's path, or a member
};

}  // namespace heed
