// The parts that a model is made of, as training.initial_parts and training.frozen name them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

inline constexpr std::array<std::string_view, 5> kParts = {"encoder", "decoder", "attention",
                                                           "embeddings", "output"};

// The one part that a parameter belongs to, by its name: output has the output projection,
// embeddings the tables of both sides and their positions (a tied output projection is one of
// these), attention the decoder's attention to the source, decoder the rest of it.
std::string_view part_of(std::string_view parameter);
bool is_in(std::string_view parameter, const std::vector<std::string>& parts);

}  // namespace heed
