// heed inspect MODEL -i FILE -o PAGE.html: attention, as a page to look at.
#include "command.h"
#include "decoding/translator.h"
#include "report/attention_page.h"
#include "report/attention_svg.h"
#include "util/error.h"
#include "util/files.h"

namespace heed {
namespace {

struct InspectFlags {
  std::string folder, input = "-", output = "-", format = "html";
  ComputeFlags compute;
  DecodingFlags decoding;
};

// Cross-attention, averaged over layers and heads, of the translation that search has found.
AttentionSentence to_sentence(const std::string& line, const Translation& translation) {
  AttentionSentence sentence{
      line, translation.text, translation.source_pieces, translation.target_pieces, {}};
  AttentionMap map;
  for (const auto& row : translation.attention) {
    map.weights.insert(map.weights.end(), row.begin(), row.end());
  }
  sentence.maps.push_back(std::move(map));
  return sentence;
}

std::string render(const AttentionDocument& document, const std::string& format) {
  if (format == "json") return render_attention_json(document);
  if (format == "html") return render_attention_html(document);
  if (document.sentences.size() != 1) {
    fail("--format svg draws one sentence, the input has {} that are not blank",
         document.sentences.size());
  }
  return render_attention_svg(document.sentences[0]);
}

int inspect(const InspectFlags& flags) {
  Placement placement = flags.compute.apply();
  LoadedModel loaded = load_models({flags.folder}, placement);
  DecodingConfig decoding = flags.decoding.over(loaded.bundle.config);
  SearchOptions options = search_options(decoding);
  options.want_attention = true;
  Translator translator(loaded.bundle, loaded.model, options, decoding.batch_size);
  AttentionDocument document;
  const ModelConfig& model = loaded.bundle.config.model;
  document.title = "Attention of " + flags.folder;
  document.facts = {{"architecture", model.architecture},
                    {"score", model.attention_score},
                    {"shown", "cross-attention, mean of all layers and heads"}};
  LineReader input(flags.input);
  translator.stream(
      input,
      [&](const std::string& line, const std::vector<Translation>& best) {
        if (!best[0].attention.empty()) document.sentences.push_back(to_sentence(line, best[0]));
      },
      [] {});
  if (document.sentences.empty()) fail("{}: no line to translate", flags.input);
  OutputFile output(flags.output);
  output.write(render(document, flags.format));
  output.close();
  translator.warn_of_limits();
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("inspect", "Show what a model attends to as it translates");
  auto flags = std::make_shared<InspectFlags>();
  command->add_option("folder", flags->folder, "Model folder")->required();
  command->add_option("-i,--input", flags->input, "Text to translate; - is standard input");
  command->add_option("-o,--output", flags->output, "The page; - is standard output");
  command->add_option("--format", flags->format, "html, json, or svg (of a single sentence)")
      ->check(CLI::IsMember({"html", "json", "svg"}))
      ->capture_default_str();
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return inspect(*flags); }; });
}

}  // namespace heed
