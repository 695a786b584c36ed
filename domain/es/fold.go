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

// Alter lets f change one thing of a map that holds values; what is not there yet comes
// to be.
func Alter[K comparable, V any](things map[K]V, which K, f func(*V)) {
	thing := things[which]
	f(&thing)
	things[which] = thing
}

// Find returns the first thing that is meant. What is not there is a place of its own
// outside of the list, so that an event about it changes nothing.
func Find[V any](list []V, meant func(*V) bool) *V {
	for i := range list {
		if meant(&list[i]) {
			return &list[i]
		}
	}
	return new(V)
}

// Decided ends a decision: with the refusal, without an event where it is so already, or
// with the event.
func Decided[E any](refusal error, already bool, event E) ([]E, error) {
	if refusal != nil || already {
		return nil, refusal
	}
	return []E{event}, nil
}
