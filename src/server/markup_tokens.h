// HTML as tokens that, put together again, are the text they came from, however broken it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

enum class MarkupKind {
  kText,    // with its entities as they are
  kOpen,    // <b>, of an element that stands in a line of text
  kClose,   // </b>
  kObject,  // stands in a line and is left alone: an image, a comment, <code> with its content
  kBlock,   // ends a line of text: <p>, </td>, <br>, <script> with its content
};

struct MarkupToken {
  MarkupKind kind;
  std::string_view raw;           // as it stands in the text
  std::string name = {};          // of the element, lower case
  std::string_view content = {};  // of an object: what is between its tags
};

// `html` must live as long. A comment or tag that the text breaks off in is an object to its end.
std::vector<MarkupToken> markup_tokens(std::string_view html);

// The text that a reader sees, without tags and what is left alone.
std::string visible_text(std::string_view html);

// The text with its entities (&amp; &#228; &auml;) as characters; those that are not known stay.
std::string decode_entities(std::string_view text);
// & < > as entities, and the no-break space, which is easily lost.
std::string encode_entities(std::string_view text);

}  // namespace heed
