package group

import (
	"time"

	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
)

// CreateGroup founds a practice with its owner and its default branch (G-2).
// That the account belongs to no other group is claimed in another stream first
// (G-7, package membership). Faults: "group_exists", "zone_unknown",
// "unknown_currency", "name_required", "malformed_link", and those of package text.
type CreateGroup struct {
	Group             id.Group       `json:"group"`
	Name              string         `json:"name"`
	Owner             id.Member      `json:"owner"`
	Account           id.Account     `json:"account"`
	OwnerIsClinician  bool           `json:"ownerIsClinician"`
	BillingZone       civil.Zone     `json:"billingZone"`
	Currency          money.Currency `json:"currency"`
	DefaultBranch     id.Branch      `json:"defaultBranch"`
	DefaultBranchName string         `json:"defaultBranchName"`
	// Solo founds a practice that its owner has for themselves until it is converted (G-3).
	Solo bool `json:"solo,omitempty"`
}

// Decide founds the group; the first billing period starts today in its zone.
func (c CreateGroup) Decide(s State, now time.Time) ([]Event, error) {
	if s.Exists() {
		return nil, fault.New(fault.Rejected, "group_exists", "This practice was already created.")
	}
	if c.Group.IsZero() || c.Owner.IsZero() || c.Account.IsZero() || c.DefaultBranch.IsZero() {
		return nil, fault.New(fault.Invalid, "id_required", "A new practice needs the ids of itself, its owner, their account and its first branch.")
	}
	name, err := readName(practiceName, c.Name)
	if err != nil {
		return nil, err
	}
	branch, err := readName(branchName, c.DefaultBranchName)
	if err != nil {
		return nil, err
	}
	zone, err := c.BillingZone.Load()
	if err != nil {
		return nil, err
	}
	currency, err := money.ParseCurrency(string(c.Currency))
	if err != nil {
		return nil, err
	}
	return []Event{
		GroupCreated{
			Group: c.Group, Name: name, Owner: c.Owner, Account: c.Account, Clinician: c.OwnerIsClinician,
			BillingZone: c.BillingZone, Currency: currency, PeriodAnchor: civil.In(now, zone), CreatedAt: now.UTC(), Solo: c.Solo,
		},
		DefaultBranchCreated{Branch: c.DefaultBranch, Name: branch},
	}, nil
}

// UpdatePracticeInfo changes what the practice says about itself (G-4). Fields
// that are nil stay; an empty text clears a field, but never the name. Nothing
// different means no event.
type UpdatePracticeInfo struct {
	Name       *string `json:"name,omitempty"`
	Phone      *string `json:"phone,omitempty"`
	Email      *string `json:"email,omitempty"`
	Website    *string `json:"website,omitempty"`
	Line1      *string `json:"line1,omitempty"`
	Line2      *string `json:"line2,omitempty"`
	City       *string `json:"city,omitempty"`
	Region     *string `json:"region,omitempty"`
	PostalCode *string `json:"postalCode,omitempty"`
	Country    *string `json:"country,omitempty"`
}

// Decide lists the fields that really change. Faults: "group_not_found",
// "name_required", "malformed_link", and those of package text.
func (c UpdatePracticeInfo) Decide(s State, _ time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNoGroup
	}
	asked := map[Field]*string{
		FieldName: c.Name, FieldPhone: c.Phone, FieldEmail: c.Email, FieldWebsite: c.Website, FieldLine1: c.Line1,
		FieldLine2: c.Line2, FieldCity: c.City, FieldRegion: c.Region, FieldPostalCode: c.PostalCode, FieldCountry: c.Country,
	}
	info := s.info
	var changes []FieldChange
	for _, f := range fields() {
		if asked[f] == nil {
			continue
		}
		read, err := f.read(*asked[f])
		if err != nil {
			return nil, err
		}
		if old := *info.at(f); old != read {
			changes = append(changes, FieldChange{Field: f, Old: old, New: read})
		}
	}
	if len(changes) == 0 {
		return nil, nil
	}
	return []Event{PracticeInfoUpdated{Changes: changes}}, nil
}
