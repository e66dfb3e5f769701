// Linked into each module, so that one of another build is refused: what the two sides pass to each
// other are classes, whose layout no symbol's name describes.
extern "C" {
[[gnu::visibility("default")]] extern const char rz_module_stamp[];
const char rz_module_stamp[] = RZ_MODULE_STAMP;
}
