package embedded

// UnpackPackage lets the tests reach what no caller needs.
var UnpackPackage = unpackPackage
