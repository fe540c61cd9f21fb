// What is fuzzed: everything that reads what others wrote, and needs no LibTorch. Each takes any
// bytes; heed's own errors are its answer to bad ones, everything else that is thrown, a
// sanitizer's report or a broken promise (require) is a find.
#pragma once

#include <cstdlib>
#include <string_view>

namespace heed::fuzz {

inline void require(bool promise) {
  if (!promise) std::abort();
}

void ambiguity_table(std::string_view bytes);
void dictionary(std::string_view bytes);
void gzip_lines(std::string_view bytes);
void ini(std::string_view bytes);
void lexicon(std::string_view bytes);
void marian_yaml(std::string_view bytes);
void markup(std::string_view bytes);
void n_best(std::string_view bytes);
void n_best_list(std::string_view bytes);
void pharaoh(std::string_view bytes);
void request(std::string_view bytes);
void safetensors_header(std::string_view bytes);
void scores(std::string_view bytes);
void sentences(std::string_view bytes);
void subtitles(std::string_view bytes);
void tokenizer_model(std::string_view bytes);
void training_run(std::string_view bytes);
void training_state(std::string_view bytes);
void utf8(std::string_view bytes);
void zip_archive(std::string_view bytes);

struct Target {
  const char* name;  // its corpus is tests/fuzz/corpus/NAME
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {{"ambiguity_table", ambiguity_table},
                                      {"dictionary", dictionary},
                                      {"gzip_lines", gzip_lines},
                                      {"ini", ini},
                                      {"lexicon", lexicon},
                                      {"marian_yaml", marian_yaml},
                                      {"markup", markup},
                                      {"n_best", n_best},
                                      {"n_best_list", n_best_list},
                                      {"pharaoh", pharaoh},
                                      {"request", request},
                                      {"safetensors_header", safetensors_header},
                                      {"scores", scores},
                                      {"sentences", sentences},
                                      {"subtitles", subtitles},
                                      {"tokenizer_model", tokenizer_model},
                                      {"training_run", training_run},
                                      {"training_state", training_state},
                                      {"utf8", utf8},
                                      {"zip_archive", zip_archive}};

}  // namespace heed::fuzz
