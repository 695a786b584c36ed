package es

// Aggregate says how the events of one category fold into a state. The state
// is made by New, changed in place by Evolve, and never shared while it folds.
type Aggregate[S, E any] struct {
	// Category is the category of the aggregate's streams.
	Category Category
	// New returns the state of an empty stream.
	New func() S
	// Evolve applies one event. It is total: facts are never refused.
	Evolve func(*S, E)
}

// Fold returns the state after the given events.
func (a Aggregate[S, E]) Fold(events ...E) S {
	s := a.New()
	for _, e := range events {
		a.Evolve(&s, e)
	}
	return s
}
