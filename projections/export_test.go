package projections

// Transient tells tests how an error is classified.
func Transient(err error) bool { return transient(err) }
