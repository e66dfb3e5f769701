// The module of HTTP/2.

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rz/base/text.h"
#include "rz/bench/http/http2_module.h"

namespace rz::bench {
namespace {

// The largest window that there is: how fast this side reads is not what is measured.
constexpr std::int32_t kWindow = (1 << 30) - 1;
constexpr std::size_t kFrameHeader = 9;

struct Http2Stream {
  std::int32_t id = -1;  ///< -1: the slot is free, or was given up.
  int status = 0;
  std::uint64_t bytes = 0;
  std::string_view unsent;  ///< Of the request's body.
};

/// What nghttp2 allocates for a stream it gives back at its end, so that nothing is asked of the
/// system for a request: blocks of powers of two, each in a list of those of its size.
class BlockPool {
 public:
  BlockPool() : functions_{this, allocate, release, allocate_zeroed, reallocate} {}
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool() {
    for (Block* block : free_) {
      while (block != nullptr) std::free(std::exchange(block, block->next));
    }
  }

  nghttp2_mem* functions() { return &functions_; }

 private:
  // Before the memory that is given out; as large as what may be aligned most.
  struct alignas(std::max_align_t) Block {
    std::size_t size_class;
    Block* next;
  };
  static constexpr std::size_t kClasses = 48;
  static constexpr std::size_t kLeastSize = 32;

  static std::size_t capacity_of(std::size_t size_class) { return kLeastSize << size_class; }

  static void* allocate(std::size_t size, void* user) {
    auto& pool = *static_cast<BlockPool*>(user);
    std::size_t size_class = 0;
    while (size_class < kClasses && capacity_of(size_class) < size) ++size_class;
    if (size_class == kClasses) return nullptr;
    Block* block = pool.free_[size_class];
    if (block != nullptr) {
      pool.free_[size_class] = block->next;
    } else {
      block = static_cast<Block*>(std::malloc(sizeof(Block) + capacity_of(size_class)));
      if (block == nullptr) return nullptr;
      block->size_class = size_class;
    }
    return block + 1;
  }

  static void release(void* memory, void* user) {
    if (memory == nullptr) return;
    auto& pool = *static_cast<BlockPool*>(user);
    Block* block = static_cast<Block*>(memory) - 1;
    block->next = std::exchange(pool.free_[block->size_class], block);
  }

  static void* allocate_zeroed(std::size_t count, std::size_t size, void* user) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
    void* memory = allocate(bytes, user);
    if (memory != nullptr) std::memset(memory, 0, bytes);
    return memory;
  }

  static void* reallocate(void* memory, std::size_t size, void* user) {
    if (memory == nullptr) return allocate(size, user);
    const std::size_t capacity = capacity_of((static_cast<Block*>(memory) - 1)->size_class);
    if (size <= capacity) return memory;
    void* larger = allocate(size, user);
    if (larger == nullptr) return nullptr;
    std::memcpy(larger, memory, capacity);
    release(memory, user);
    return larger;
  }

  std::array<Block*, kClasses> free_{};
  nghttp2_mem functions_;
};

class Nghttp2Session final : public Http2Session {
 public:
  Nghttp2Session(Http2Listener& listener, const std::vector<LoadRequest>& requests,
                 std::size_t slots)
      : listener_(listener), requests_(requests), streams_(slots), session_(nullptr, nullptr) {
    for (const LoadRequest& request : requests_) fields_.push_back(fields_of(request));
  }

  bool open() {
    nghttp2_session_callbacks* made = nullptr;
    if (::nghttp2_session_callbacks_new(&made) != 0) return false;
    const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)>
        callbacks(made, ::nghttp2_session_callbacks_del);
    ::nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    ::nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    ::nghttp2_session_callbacks_set_on_stream_close_callback(made, on_close);
    nghttp2_session* session = nullptr;
    if (::nghttp2_session_client_new3(&session, made, this, nullptr, pool_.functions()) != 0) {
      return false;
    }
    session_ = {session, ::nghttp2_session_del};
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(kWindow)}};
    return ::nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings)) ==
               0 &&
           ::nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindow) == 0;
  }

  bool submit(std::size_t slot, std::size_t endpoint) override {
    Http2Stream& stream = streams_[slot];
    stream = {};
    stream.unsent = requests_[endpoint].body;
    nghttp2_data_provider provider{};
    provider.source.ptr = &stream;
    provider.read_callback = read_body;
    const auto& fields = fields_[endpoint];
    stream.id = ::nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                                         stream.unsent.empty() ? nullptr : &provider,
                                         // Not null, so that a slot can be told from none.
                                         slot_data(slot));
    return stream.id >= 0;
  }

  void cancel(std::size_t slot) override {
    Http2Stream& stream = streams_[slot];
    if (stream.id < 0) return;
    ::nghttp2_session_set_stream_user_data(session_.get(), stream.id, nullptr);
    ::nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
    stream.id = -1;
  }

  bool receive(std::string_view bytes) override {
    const auto taken = ::nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    // Where a server has broken the rules, nghttp2 has a last word to say, and reads no more.
    return taken == static_cast<ssize_t>(bytes.size()) &&
           ::nghttp2_session_want_read(session_.get()) != 0;
  }

  std::string_view output() override {
    if (sent_ == output_.size()) {
      output_.clear();
      sent_ = 0;
      const std::uint8_t* bytes = nullptr;
      ssize_t size = 0;
      while ((size = ::nghttp2_session_mem_send(session_.get(), &bytes)) > 0) {
        output_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
      }
    }
    return std::string_view(output_).substr(sent_);
  }

  void sent(std::size_t bytes) override { sent_ += bytes; }

  bool takes_requests() const override {
    return ::nghttp2_session_check_request_allowed(session_.get()) != 0;
  }

  std::size_t most_streams() const override {
    return ::nghttp2_session_get_remote_settings(session_.get(),
                                                 NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  }

 private:
  using Fields = std::vector<nghttp2_nv>;

  static Fields fields_of(const LoadRequest& request) {
    Fields fields;
    for (const auto& [name, value] : request.fields) {
      const auto bytes = [](const std::string& text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
      };
      fields.push_back({bytes(name), bytes(value), name.size(), value.size(),
                        NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE});
    }
    return fields;
  }

  void* slot_data(std::size_t slot) { return &streams_[slot]; }
  static Nghttp2Session& self(void* user) { return *static_cast<Nghttp2Session*>(user); }
  Http2Stream* stream_of(std::int32_t id) const {
    return static_cast<Http2Stream*>(::nghttp2_session_get_stream_user_data(session_.get(), id));
  }
  std::size_t slot_of(const Http2Stream& stream) const {
    return static_cast<std::size_t>(&stream - streams_.data());
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    std::string_view& unsent = static_cast<Http2Stream*>(source->ptr)->unsent;
    const std::size_t count = std::min(size, unsent.size());
    std::copy_n(unsent.data(), count, reinterpret_cast<char*>(buffer));
    unsent.remove_prefix(count);
    if (unsent.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) {
    Http2Stream* stream = self(user).stream_of(frame->hd.stream_id);
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    if (stream == nullptr || key != ":status") return 0;
    const auto status = parse_int({reinterpret_cast<const char*>(value), value_size});
    stream->status = static_cast<int>(status.value_or(0));
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Nghttp2Session& session = self(user);
    if (Http2Stream* stream = session.stream_of(frame->hd.stream_id)) {
      if (stream->bytes == 0) session.listener_.began(session.slot_of(*stream));
      stream->bytes += frame->hd.length + kFrameHeader;
    }
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    Nghttp2Session& session = self(user);
    Http2Stream* stream = session.stream_of(id);
    if (stream == nullptr) return 0;
    const Http2Stream ended = std::exchange(*stream, {});
    const std::size_t slot = session.slot_of(*stream);
    if (error == NGHTTP2_NO_ERROR && ended.status >= 200 && ended.status < 600) {
      session.listener_.answered(slot, ended.status, ended.bytes);
    } else {
      session.listener_.refused(slot);
    }
    return 0;
  }

  Http2Listener& listener_;
  const std::vector<LoadRequest>& requests_;
  std::vector<Fields> fields_;  ///< By request; views into it.
  std::vector<Http2Stream> streams_;
  BlockPool pool_;  ///< Must outlive the session.
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
  std::string output_;
  std::size_t sent_ = 0;
};

}  // namespace
}  // namespace rz::bench

extern "C" rz::bench::Http2Session* rz_make_http2_session(
    rz::bench::Http2Listener& listener, const std::vector<rz::bench::LoadRequest>& requests,
    std::size_t slots) {
  auto session = std::make_unique<rz::bench::Nghttp2Session>(listener, requests, slots);
  return session->open() ? session.release() : nullptr;
}
