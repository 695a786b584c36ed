package projections

import "slices"

// OrNull hands an id to the driver; unset is null.
func OrNull[I ~[16]byte](v I) any {
	if v == (I{}) {
		return nil
	}
	return v
}

// Without is a list less one of its values; the list itself stays as it is.
func Without[T comparable](list []T, value T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return v == value })
}
