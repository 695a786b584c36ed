package projections

// OrNull hands an id to the driver; unset is null.
func OrNull[I ~[16]byte](v I) any {
	if v == (I{}) {
		return nil
	}
	return v
}

// OrEmpty hands a list to the driver; none is the empty list, not null.
func OrEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
