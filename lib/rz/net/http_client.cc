#include "rz/net/http_client.h"

#include "rz/net/http_module.h"

namespace rz::net {
namespace {

class ModuleHttpClient final : public HttpClient {
 public:
  explicit ModuleHttpClient(std::unique_ptr<HttpExchange> exchange)
      : exchange_(std::move(exchange)) {}

  void prepare(const HttpRequest& request) override { exchange_->prepare(request); }

  Result<HttpResponse> send(const HttpRequest& request) override {
    return exchange_->send(request, {current_waiter(), &resolve});
  }

 private:
  const std::unique_ptr<HttpExchange> exchange_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> make_http_client() {
  const auto make = load_module(kHttpModule);
  if (!make) return fail(make.error());
  std::unique_ptr<HttpExchange> exchange((*make)());
  if (!exchange) return fail(ErrorCode::unavailable, "libcurl cannot be initialized");
  return std::make_unique<ModuleHttpClient>(std::move(exchange));
}

}  // namespace rz::net
