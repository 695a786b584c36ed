package invoice

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
)

// Days are what the dates on a ledger are held to. Everything that a ledger
// records has happened: a service, a payment, an invoice, a correction. None of
// it is dated after the practice's own today, whatever day it is elsewhere; only
// due dates lie ahead. A service is not dated before the patient's birth, and
// what is about a charge or an invoice not before that.
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

// happened refuses a date that is unset or in the future. Faults: "date_required",
// "date_in_future".
func (d Days) happened(on civil.Date, now time.Time) error {
	if on.IsZero() {
		return errDateRequired
	}
	if today := d.today(now); on.After(today) {
		return fault.New(fault.Invalid, "date_in_future", "The date %s lies in the future: where the practice is, it is %s. Give a date that is not later.", on, today)
	}
	return nil
}

// notBefore returns the first day on which something about what is dated so can
// happen. What an earlier release let be dated ahead can be corrected today.
func (d Days) notBefore(dated civil.Date, now time.Time) civil.Date {
	if today := d.today(now); dated.After(today) {
		return today
	}
	return dated
}

// given refuses the date of a service that cannot be. Faults: those of happened,
// "service_before_birth".
func (d Days) given(on civil.Date, now time.Time) error {
	if err := d.happened(on, now); err != nil {
		return err
	}
	if on.Before(d.Born) && !d.Born.IsZero() {
		return fault.New(fault.Rejected, "service_before_birth", "The service is dated before the patient was born. Check the date of the service, and the birth date in the chart.")
	}
	return nil
}
