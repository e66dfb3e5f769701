#pragma once

#include <curl/curl.h>

#include <memory>

namespace rz::net {

struct CurlDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
};
template <class T>
using CurlPtr = std::unique_ptr<T, CurlDeleter>;

/// What libcurl's `curl_slist_append` makes of it: `list` with `line` at its end.
inline void append(CurlPtr<curl_slist>& list, const char* line) {
  list.reset(curl_slist_append(list.release(), line));
}

}  // namespace rz::net
