#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "rz/net/transport.h"
#include "support/certificates.h"
#include "support/patience.h"
#include "support/server_process.h"
#include "support/temp_folder.h"
#include "support/unused_port.h"

namespace rz::test {

/// nghttpd with a page, over TLS where it has a certificate.
class Http2Server {
 public:
  explicit Http2Server(const CertificateFiles& certificate = {})
      : port_(unused_port(SOCK_STREAM)),
        page_(make_page(folder_)),
        server_(arguments(certificate), folder_ / "log") {
    server_.wait_until([this] {
      return net::connect_tcp("127.0.0.1", static_cast<std::uint16_t>(port_),
                              std::chrono::steady_clock::now() + kPatience)
          .has_value();
    });
  }

  std::string url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }

 private:
  static bool make_page(const TempFolder& folder) {
    std::ofstream(folder / "index.html") << std::string(100'000, 'x');
    return true;
  }

  std::vector<std::string> arguments(const CertificateFiles& certificate) const {
    std::vector<std::string> words = {"/usr/sbin/nghttpd", "-a", "127.0.0.1", "-d", folder_.path()};
    if (certificate.cert.empty()) words.push_back("--no-tls");
    words.push_back(std::to_string(port_));
    if (!certificate.cert.empty()) words.insert(words.end(), {certificate.key, certificate.cert});
    return words;
  }

  TempFolder folder_;
  int port_;
  bool page_;
  ServerProcess server_;
};

}  // namespace rz::test
