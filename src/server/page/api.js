// What the page asks of its server. Every failure is a ServerError.

export class ServerError extends Error {
  // `status` is HTTP's, 0 where no answer came; `retry_after` in seconds, 0 where none was said.
  constructor(status, message, retry_after = 0) {
    super(message);
    this.status = status;
    this.retry_after = retry_after;
  }
}

// Sent with each request where the server asks for one; not kept when the page is closed.
let api_key = "";
export function use_api_key(key) { api_key = key.trim(); }

async function answer_of(path, options) {
  let response, text;
  try {
    response = await fetch(path, {credentials: "same-origin", ...options});
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(0, "no answer");
  }
  let answer = null;
  try { answer = JSON.parse(text); } catch { /* a proxy's page, say */ }
  if (!response.ok) {
    const said = answer && typeof answer.error === "string" ? answer.error : response.statusText;
    throw new ServerError(response.status, said,
      parseInt(response.headers.get("Retry-After"), 10) || 0);
  }
  if (answer === null) throw new ServerError(502, "the answer is no JSON");
  return answer;
}

function post(path, fields, signal) {
  return answer_of(path, {method: "POST", signal, headers: {"Content-Type": "application/json"},
    body: JSON.stringify(api_key ? {...fields, api_key} : fields)});
}

export const languages = () => answer_of("languages");
export const settings = () => answer_of("frontend/settings");
export const health = () => answer_of("health");

// {translations: [one for each of fields.q], detected}.
export const translate = (fields, signal) => post("v1/translate", fields, signal);
// {alternatives: [{word, text, score}...]}.
export const alternatives = (fields, signal) => post("v1/alternatives", fields, signal);

// The address of the translated document, on this server.
export async function translate_file(file, source, target, signal) {
  const form = new FormData();
  form.append("source", source);
  form.append("target", target);
  if (api_key) form.append("api_key", api_key);
  form.append("file", file, file.name);
  const answer = await answer_of("translate_file", {method: "POST", signal, body: form});
  // Behind a proxy the server may not know its own name.
  const address = new URL(answer.translatedFileUrl, location.href);
  return address.pathname + address.search;
}

// What a failure means to the reader, and what to do about it.
export function explain(error) {
  const seconds = error.retry_after ? ` in ${error.retry_after} s` : " soon";
  switch (error.status) {
    case 0:
      return "The server does not answer. Your text is safe here; the page goes on trying.";
    case 403:
      return `The server refuses: ${error.message}. Give a key that it knows.`;
    case 413:
      return `The text is too long for this server: ${error.message}. Translate it in parts.`;
    case 429:
      return `Too many requests at once. The page tries again${seconds}.`;
    case 502: case 503: case 504:
      return `The server is busy. The page tries again${seconds}.`;
    default:
      return error.status < 500
        ? `The server refuses: ${error.message}. Change the text or the languages.`
        : `The server met a fault: ${error.message}. Change the text, or try again.`;
  }
}

// Whether the same request may succeed later.
export const is_passing = (error) => [0, 429, 502, 503, 504].includes(error.status);
