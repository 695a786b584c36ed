package group

import (
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// ScheduleLicenceRelease gives a licence up at the end of the billing period, or
// of the trial. It is not refunded (BIL-A7, AMB-8). Nobody may hold the licence
// when it ends, so it must be free. Rejections: "licence_not_found",
// "licence_in_use", "licence_reserved", "licence_pending_payment".
type ScheduleLicenceRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide schedules the release.
func (c ScheduleLicenceRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, err := s.releasable(c.Licence, now)
	if err != nil || l.Releasing {
		return nil, err
	}
	next, _, err := s.nextPeriod()
	if err != nil {
		return nil, err
	}
	events := s.unreserved(l.Invitation)
	return append(events, LicenceReleaseScheduled{Licence: l.ID, Effective: next.Start}), nil
}

// releasable returns a licence that is paid and free.
func (s State) releasable(licence id.Licence, now time.Time) (Licence, error) {
	l, ok := s.Licence(licence)
	switch {
	case !ok:
		return l, errNoLicence
	case l.Pending:
		return l, errLicencePending
	case !l.Holder.IsZero():
		return l, fault.New(fault.Rejected, "licence_in_use", "A member holds this licence. Unassign it first.").With("member", l.Holder.String())
	case s.reserved(l, now):
		return l, errLicenceReserved
	}
	return l, nil
}

// CancelRelease keeps a licence that was to be released; until the period ends
// that costs nothing (BIL-A7). Rejection: "licence_not_found".
type CancelRelease struct {
	Licence id.Licence `json:"licence"`
}

// Decide cancels the release.
func (c CancelRelease) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.billable(now); err != nil {
		return nil, err
	}
	l, ok := s.Licence(c.Licence)
	switch {
	case !ok:
		return nil, errNoLicence
	case !l.Releasing:
		return nil, nil
	}
	return []Event{LicenceReleaseCancelled{Licence: l.ID}}, nil
}
