package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// Ruling says who sets a permission rule and what names it: the id of the event that
// sets it.
type Ruling struct {
	By   id.Member
	Rule id.Event
}

// LeavingFacts are what RemoveMember must know: who decides, and how many charts have
// the leaver as their primary.
type LeavingFacts struct {
	By     id.Member
	Charts int
}

// RemovalFacts are who decides, the id that the first event will have, and the charts
// of the practice, as far as they are known.
type RemovalFacts struct {
	By      id.Member
	Removal id.Event
	Charts  []ChartFacts
}

// RelinkingFacts are who decides, the charts that they may assign, and the charts of
// the practice.
type RelinkingFacts struct {
	By     id.Member
	Reach  access.Reach
	Charts []ChartFacts
}

// InvitationFacts are who invites, and the prices that they may see; the zero
// Book where they may see none.
type InvitationFacts struct {
	By   id.Member
	Book pricing.Book
}

// ConversionFacts are the operator who converts, zero for the owner, whether the
// owner's account is tied to the practice, and the prices.
type ConversionFacts struct {
	Operator         id.Account
	AccountIsClaimed bool
	Book             pricing.Book
}

// ClosingFacts are who closes, and whether the named export was made lately.
type ClosingFacts struct {
	By         id.Member
	IsExported bool
}

// TrialFacts are when the owner's own trial ends, UTC, zero for none, and the prices.
type TrialFacts struct {
	OwnerTrialEnds time.Time
	Book           pricing.Book
}
