//go:build !linux

package embedded

// namespaceIdentity exists on Linux only.
func namespaceIdentity() (identity, bool) { return identity{}, false }
