#include "server/markup.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <map>
#include <optional>

#include "server/markup_placer.h"
#include "util/text.h"

namespace heed {
namespace {

// Bounds of what a hostile page can cost: tags beyond them are left where they are.
constexpr size_t kMostDepth = 32;    // of inline elements in each other
constexpr size_t kMostTokens = 500;  // of a line, before it is taken for two
constexpr size_t kKeptWords = 4;     // more, and it is no word of the sentence but an object in it

// Which tags belong together: for each token the index of its other half; none where it has none.
std::vector<std::optional<size_t>> pair_tags(const std::vector<MarkupToken>& tokens) {
  std::vector<std::optional<size_t>> other(tokens.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == MarkupKind::kOpen) open.push_back(i);
    if (tokens[i].kind != MarkupKind::kClose) continue;
    auto same = std::find_if(open.rbegin(), open.rend(),
                             [&](size_t at) { return tokens[at].name == tokens[i].name; });
    if (same == open.rend()) continue;
    other[*same] = i;
    other[i] = *same;
    open.erase(std::prev(same.base()), open.end());  // those opened within were never closed
  }
  return other;
}

}  // namespace

// Puts a line together, token by token.
class MarkupLineBuilder {
 public:
  MarkupLineBuilder(const std::vector<MarkupToken>& tokens, MarkupLine& line)
      : tokens_(tokens), line_(line), other_(pair_tags(tokens)) {
    std::vector<size_t> visible(tokens.size() + 1, 0);  // bytes of text in front of each token
    for (size_t i = 0; i < tokens.size(); ++i) {
      bool text = tokens[i].kind == MarkupKind::kText || is_kept(tokens[i]);
      visible[i + 1] = visible[i] + (text && !is_blank(decode_entities(tokens[i].raw)) ? 1 : 0);
    }
    visible_ = std::move(visible);
  }

  void build() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const MarkupToken& token = tokens_[i];
      if (token.kind == MarkupKind::kText) {
        add_text(token.raw);
      } else if (token.kind == MarkupKind::kOpen && other_[i]) {
        i = open(i);
      } else if (token.kind == MarkupKind::kClose && other_[i]) {
        stack_.pop_back();
        new_run();
      } else if (is_kept(token)) {
        add_kept(token);
      } else {
        add_object(std::string(token.raw));
      }
    }
    if (line_.text_.ends_with(' ')) line_.text_.pop_back();
    for (MarkupLine::Object& object : line_.objects_) {
      object.at = std::min(object.at, line_.text_.size());
    }
  }

 private:
  static bool is_kept(const MarkupToken& token) {
    if (token.kind != MarkupKind::kObject || is_blank(token.content)) return false;
    bool plain = token.content.find('<') == std::string_view::npos;
    return plain && split_words(token.content).size() <= kKeptWords;
  }

  // White space becomes one space, and none at the line's ends: what stands there is kept apart.
  void add_text(std::string_view raw) {
    std::string& text = line_.text_;
    for (char c : decode_entities(raw)) {
      if (!is_ascii_space(c)) {
        text += c;
        line_.after_.clear();
        seen_ = true;
      } else if (!seen_ && stack_.empty()) {
        line_.before_ += c;
      } else {
        line_.after_ += c;
        if (!text.empty() && !text.ends_with(' ')) text += ' ';
        auto& objects = line_.objects_;
        if (!objects.empty() && objects.back().at == text.size()) objects.back().space_after = true;
      }
    }
  }

  // Returns the last token that it has taken: an element without text is an object.
  size_t open(size_t i) {
    size_t end = *other_[i];
    if (visible_[i] == visible_[end]) {
      std::string raw;
      for (size_t k = i; k <= end; ++k) raw += tokens_[k].raw;
      add_object(raw);
      return end;
    }
    if (stack_.size() >= kMostDepth) {
      other_[i].reset();
      other_[end].reset();
      add_object(std::string(tokens_[i].raw));
      return i;
    }
    stack_.push_back(line_.elements_.size());
    line_.elements_.push_back({.open = std::string(tokens_[i].raw),
                               .close = std::string(tokens_[end].raw),
                               .at = line_.text_.size(),
                               .stack = stack_});
    new_run();
    return i;
  }

  void new_run() { line_.runs_.push_back({line_.text_.size(), stack_}); }

  void add_object(std::string raw) {
    size_t at = line_.text_.size();
    bool follows = !line_.objects_.empty() && line_.objects_.back().at == at;
    bool space = line_.text_.ends_with(' ') && (!follows || line_.objects_.back().space_after);
    line_.objects_.push_back({at, std::move(raw), stack_, space});
    line_.after_.clear();
    seen_ = true;
  }

  void add_kept(const MarkupToken& token) {
    size_t begin = line_.text_.size();
    line_.text_ += join(split_words(decode_entities(token.content)), " ");
    line_.after_.clear();
    line_.kept_.push_back({begin, line_.text_.size(), std::string(token.raw), stack_});
    seen_ = true;
  }

  const std::vector<MarkupToken>& tokens_;
  MarkupLine& line_;
  std::vector<std::optional<size_t>> other_;
  std::vector<size_t> visible_;
  MarkupLine::Stack stack_;
  bool seen_ = false;  // anything but white space
};

MarkupLine::MarkupLine(const std::vector<MarkupToken>& tokens) {
  MarkupLineBuilder(tokens, *this).build();
}

bool MarkupLine::is_translatable() const {
  return std::ranges::any_of(to_utf32(text_),
                             [](char32_t c) { return u_isalpha(static_cast<UChar32>(c)); });
}

std::string MarkupLine::translated(const TranslatedText& translation) const {
  return before_ + MarkupPlacer(*this, translation).place() + after_;
}

namespace {

// A piece of a document: as it is, or a line to translate.
struct DocumentPart {
  std::string raw;
  std::optional<MarkupLine> line = {};
  size_t demand = 0;  // of the line, which of all texts to translate
};
using Document = std::vector<DocumentPart>;

Document read_document(const std::string& html, std::vector<TextDemand>& demands) {
  Document document;
  std::vector<MarkupToken> tokens;  // of the line
  auto end_line = [&] {
    if (tokens.empty()) return;
    DocumentPart& part = document.emplace_back();
    for (const MarkupToken& token : tokens) part.raw += token.raw;
    MarkupLine line(tokens);
    tokens.clear();
    if (!line.is_translatable()) return;
    part.demand = demands.size();
    demands.push_back({.text = line.text(), .search = {.attention = true}});
    part.line = std::move(line);
  };
  for (MarkupToken& token : markup_tokens(html)) {
    bool block = token.kind == MarkupKind::kBlock;
    if (block) {
      end_line();
      document.push_back({std::string(token.raw)});
    } else {
      tokens.push_back(std::move(token));
      if (tokens.size() >= kMostTokens) end_line();
    }
  }
  end_line();
  return document;
}

}  // namespace

std::vector<std::vector<std::string>> translate_html(const std::vector<std::string>& texts,
                                                     const ModelPtr& model, Call& call,
                                                     const SentenceSink& each) {
  std::vector<Document> documents;
  std::vector<TextDemand> demands;
  for (const std::string& text : texts) documents.push_back(read_document(text, demands));
  std::vector<TranslatedText> translations = translate_texts(*model, demands, call, each);
  std::vector<std::vector<std::string>> all;
  for (const Document& document : documents) {
    std::string& out = all.emplace_back(1)[0];
    for (const DocumentPart& part : document) {
      out += part.line ? part.line->translated(translations[part.demand]) : part.raw;
    }
  }
  return all;
}

}  // namespace heed
