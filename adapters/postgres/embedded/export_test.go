package embedded

import "io"

// UnpackPackage lets the tests reach what no caller needs.
func UnpackPackage(archive io.Reader, dir string) error { return unpackPackage(archive, dir) }
