#include "rz/runtime/tell.h"

namespace rz::runtime {

void tell(const StoreStatus& status, Notices& notices) {
  for (const std::string& doubt : status.doubts) notices.warn(doubt);
  for (const std::string& warning : status.warnings) notices.warn(warning);
  for (const std::string& note : status.notes) notices.note(note);
}

}  // namespace rz::runtime
