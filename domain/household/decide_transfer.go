package household

import (
	"cmp"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// OfferTransfer offers the household to another practice. A patient of it has five business
// days to confirm that (H-7).
type OfferTransfer struct {
	// To is what the other practice is called.
	To string `json:"to"`
}

// Decide offers; an offer that nobody confirmed in time makes room for another. Faults:
// "household_not_found", "household_ended", "transfer_open", "transfer_target_required", "no_linked_chart", and those of
// package text.
func (c OfferTransfer) Decide(s State, p Group, now time.Time) ([]Event, error) {
	to, bad := practiceField.Read(c.To)
	err := cmp.Or(s.alive(), bad,
		fault.When(to == "", fault.New(fault.Invalid, "transfer_target_required", "Say which practice the household is to go to.")),
		fault.When(!s.Transfer.IsZero() && !s.Transfer.Lapsed(now), fault.New(fault.Rejected, "transfer_open", "This household is offered to another practice already. Withdraw that offer first.")),
		fault.When(len(s.Charts) == 0, fault.New(fault.Rejected, "no_linked_chart", "No chart is linked to this household, so no patient can confirm a transfer. Link one first.")))
	if err != nil {
		return nil, err
	}
	var events []Event
	if s.Transfer.Lapsed(now) {
		events = append(events, TransferLapsed{ExpiresAt: s.Transfer.ExpiresAt})
	}
	return append(events, TransferOffered{To: to, ExpiresAt: Deadline(now, p.Zone)}), nil
}

// Confirming is who confirms a transfer.
type Confirming struct {
	Account id.Account
	// Represents reports that the account is the patient's own, or of who speaks for them.
	Represents bool
}

// ConfirmTransfer agrees, as the patient of a linked chart, to what is offered.
type ConfirmTransfer struct {
	Chart id.Chart `json:"chart"`
}

// Decide confirms; once more leads to no event. Faults: "household_not_found",
// "household_ended", "no_transfer", "transfer_lapsed", "patient_confirmation_required".
func (c ConfirmTransfer) Decide(s State, by Confirming, now time.Time) ([]Event, error) {
	linked, _ := s.Links(c.Chart)
	err := cmp.Or(fault.When(!linked, errNotFound), s.alive(), s.offered(now), fault.When(!by.Represents || by.Account.IsZero(), errUnconfirmed))
	return es.Decided[Event](err, !s.Transfer.Confirmed.IsZero(), TransferConfirmed{Chart: c.Chart, Account: by.Account})
}

// CompleteTransfer records that the other practice has the household now.
type CompleteTransfer struct{}

// Decide completes. Faults: "household_not_found", "household_ended", "no_transfer",
// "transfer_lapsed", "patient_confirmation_required".
func (CompleteTransfer) Decide(s State, now time.Time) ([]Event, error) {
	err := cmp.Or(s.alive(), s.offered(now), fault.When(s.Transfer.Confirmed.IsZero(), errUnconfirmed))
	return es.Decided[Event](err, false, TransferredOut{})
}

// WithdrawTransfer takes the offer back.
type WithdrawTransfer struct{}

// Decide withdraws. Faults: "household_not_found", "household_ended", "no_transfer",
// "transfer_lapsed".
func (WithdrawTransfer) Decide(s State, now time.Time) ([]Event, error) {
	return es.Decided[Event](cmp.Or(s.alive(), s.offered(now)), false, TransferWithdrawn{})
}

// LapseTransfer records that no patient confirmed in time. It is for the process that sees to it.
type LapseTransfer struct{}

// Decide lapses; where nothing has lapsed it does nothing.
func (LapseTransfer) Decide(s State, now time.Time) ([]Event, error) {
	return es.Decided[Event](nil, s.Ended || !s.Transfer.Lapsed(now), TransferLapsed{ExpiresAt: s.Transfer.ExpiresAt})
}

// offered says whether there is an offer that can be dealt with.
func (s State) offered(now time.Time) error {
	switch {
	case s.Transfer.IsZero():
		return fault.New(fault.Rejected, "no_transfer", "This household is not offered to another practice.")
	case s.Transfer.Lapsed(now):
		return fault.New(fault.Rejected, "transfer_lapsed", "No patient confirmed within %d business days, so the offer has lapsed. Offer the household again.", BusinessDays)
	}
	return nil
}

var errUnconfirmed = fault.New(fault.Rejected, "patient_confirmation_required",
	"A household goes to another practice only after a patient of it, or who speaks for them, has confirmed that in the portal.")
