package invoice

import (
	"maps"
	"slices"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// duplicate refuses a payment that looks like one that is there already: of the
// same amount, by the same method, on the same day, or with the same reference. A
// form that was sent twice is taken for one payment until the caller says that
// there are two. Fault: "possible_duplicate_payment".
func (c RecordPayment) duplicate(s State) error {
	if !c.MayRepeat {
		return nil
	}
	earlier := first(s.payments, func(p Payment) bool {
		same := p.Amount == c.Amount && p.Method == c.Method && p.ReceivedOn == c.ReceivedOn
		return same || c.ExternalRef != "" && p.ExternalRef == c.ExternalRef
	})
	if earlier == nil {
		return nil
	}
	return fault.New(fault.Conflict, "possible_duplicate_payment", "This may be payment %s once more: %s, received on %s. If it is another payment, repeat the request with confirmDuplicate set to true.", earlier.ID, earlier.Amount, earlier.ReceivedOn).
		With("payment", earlier.ID.String())
}

// duplicate refuses a charge for a service that is charged already: the same code
// and modifiers on the same day, at the same amount. Fault:
// "possible_duplicate_charge".
func (c RecordCharge) duplicate(s State) error {
	if !c.MayRepeat {
		return nil
	}
	earlier := first(s.charges, func(o Charge) bool {
		amount, err := c.UnitPrice.Times(c.Units)
		return err == nil && !o.Void && o.Amount == amount && o.Units == c.Units && o.ServiceDate == c.ServiceDate &&
			o.Code == c.Code && slices.Equal(o.Modifiers, c.Modifiers)
	})
	if earlier == nil {
		return nil
	}
	return fault.New(fault.Conflict, "possible_duplicate_charge", "This may be charge %s once more: the same service on %s, for %s. If it was given twice, repeat the request with confirmDuplicate set to true.", earlier.ID, earlier.ServiceDate, earlier.Amount).
		With("charge", earlier.ID.String())
}

// first returns the thing with the lowest id that matches, so that the answer is
// the same each time; nil if none does.
func first[K, T any](things map[id.Of[K]]T, matches func(T) bool) *T {
	for _, i := range id.Sorted(maps.Keys(things)) {
		if thing := things[i]; matches(thing) {
			return &thing
		}
	}
	return nil
}
