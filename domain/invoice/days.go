package invoice

import (
	"cmp"
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

// Days are what the dates on a ledger are held to. Everything that a ledger
// records has happened, with this patient: a service, a payment, an invoice, a
// correction. None of it is dated after the practice's own today, whatever day it
// is elsewhere; only due dates lie ahead. None of it is dated before the patient's
// birth, where that is known, nor before the first day that is a date at all
// (package civil). What is about a charge or an invoice is not dated before that.
type Days struct {
	// Zone is the practice's; nil is UTC.
	Zone *time.Location
	// Born is the patient's birth date; zero if it is not known.
	Born civil.Date
}

// today is the present day where the practice is.
func (d Days) today(now time.Time) civil.Date {
	if d.Zone == nil {
		return civil.In(now, time.UTC)
	}
	return civil.In(now, d.Zone)
}

// happened refuses a date that is unset, in the future, or before there was a
// patient. Faults: "date_required", "date_in_future", "date_too_early",
// "date_before_birth".
func (d Days) happened(on civil.Date, now time.Time) error {
	return cmp.Or(d.past(on, now), d.sinceBirth(on, errBeforeBirth))
}

// given is happened for the date of a service, with "service_before_birth".
func (d Days) given(on civil.Date, now time.Time) error {
	return cmp.Or(d.past(on, now), d.sinceBirth(on, errServiceBefore))
}

// received is happened for the date of a payment, with "received_in_future".
func (d Days) received(on civil.Date, now time.Time) error {
	switch today := d.today(now); {
	case on.IsZero():
		return fault.New(fault.Invalid, "date_required", "A payment needs the date on which it was received.")
	case on.After(today):
		return fault.New(fault.Invalid, "received_in_future", "A payment cannot have been received in the future: where the practice is, it is %s.", today)
	}
	return d.sinceBirth(on, errBeforeBirth)
}

func (d Days) past(on civil.Date, now time.Time) error {
	if on.IsZero() {
		return errDateRequired
	}
	if today := d.today(now); on.After(today) {
		return fault.New(fault.Invalid, "date_in_future", "The date %s lies in the future: where the practice is, it is %s. Give a date that is not later.", on, today)
	}
	return nil
}

func (d Days) sinceBirth(on civil.Date, unborn error) error {
	if on.Before(d.Born) && !d.Born.IsZero() {
		return unborn
	}
	return on.Check()
}

// The refusals name no day: a birth date is the patient's.
var (
	errBeforeBirth   = fault.New(fault.Rejected, "date_before_birth", "The date lies before the patient was born. Check it, and the birth date in the chart.")
	errServiceBefore = fault.New(fault.Rejected, "service_before_birth", "The service is dated before the patient was born. Check the date of the service, and the birth date in the chart.")
)

// notBefore returns the first day on which something about what is dated so can
// happen. What an earlier release let be dated ahead can be corrected today.
func (d Days) notBefore(dated civil.Date, now time.Time) civil.Date {
	if today := d.today(now); dated.After(today) {
		return today
	}
	return dated
}
