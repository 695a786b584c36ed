package group

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/domain/text"
)

// GroupCreated starts a group; its founder is its owner (G-2).
type GroupCreated struct {
	Group   id.Group   `json:"group"`
	Name    string     `json:"name"`
	Owner   id.Member  `json:"owner"`
	Account id.Account `json:"account"`
	// Clinician reports whether the owner treats patients; an owner need not.
	Clinician bool `json:"clinician"`
	// BillingZone is the zone in which the subscription's days are counted (AMB-5).
	BillingZone civil.Zone     `json:"billingZone"`
	Currency    money.Currency `json:"currency"`
	// PeriodAnchor is the first day of the first billing period, in BillingZone.
	PeriodAnchor civil.Date `json:"periodAnchor"`
	CreatedAt    time.Time  `json:"createdAt"`
	// Solo reports that nobody joins the owner before the practice is converted (G-3).
	Solo bool `json:"solo,omitempty"`
}

// DefaultBranchCreated follows GroupCreated: a group is never without a branch.
type DefaultBranchCreated struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// PracticeInfoUpdated says which fields of the practice info changed, and how (G-4).
type PracticeInfoUpdated struct {
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field before and after.
type FieldChange struct {
	Field Field  `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// ChartSharingChanged says how widely the practice's clinicians share their
// charts from now on (ADR 18).
type ChartSharingChanged struct {
	// Rule names the setting in explanations: the id of this very event.
	Rule      id.Event     `json:"rule"`
	From      access.Width `json:"from"`
	To        access.Width `json:"to"`
	ChangedBy id.Member    `json:"changedBy"`
}

// SoloPracticeConverted makes a solo practice one that others can join (G-3). It
// changes nothing else: charts, billing period and trial go on (AMB-2, AMB-10).
type SoloPracticeConverted struct {
	// Account is the owner's, and Plan the one that the practice has chosen.
	Account id.Account     `json:"account"`
	Plan    pricing.PlanID `json:"plan"`
	// Operator is who converted it; unset where the owner did.
	Operator id.Account `json:"operator,omitzero"`
}

// GroupClosed ends the practice. Nothing follows it but the outcomes of money
// that was on its way.
type GroupClosed struct {
	// ExportManifestHash is the SHA-256 of the export with which the owner keeps the
	// records, as the access log has it.
	ExportManifestHash string    `json:"exportManifestHash"`
	ClosedBy           id.Member `json:"closedBy"`
}

func (GroupCreated) isEvent()          {}
func (DefaultBranchCreated) isEvent()  {}
func (PracticeInfoUpdated) isEvent()   {}
func (ChartSharingChanged) isEvent()   {}
func (SoloPracticeConverted) isEvent() {}
func (GroupClosed) isEvent()           {}

// Field names a field of the practice info as events carry it.
type Field string

// The fields of the practice info.
const (
	FieldName       Field = "name"
	FieldPhone      Field = "phone"
	FieldEmail      Field = "email"
	FieldWebsite    Field = "website"
	FieldLine1      Field = "line1"
	FieldLine2      Field = "line2"
	FieldCity       Field = "city"
	FieldRegion     Field = "region"
	FieldPostalCode Field = "postalCode"
	FieldCountry    Field = "country"
)

// Info is what the practice says about itself on its documents (G-4), by field; what it
// does not say is missing or empty.
type Info map[Field]string

// Fields returns every field with its text, empty ones too.
func (i Info) Fields() map[Field]string {
	texts := map[Field]string{}
	for _, f := range (UpdatePracticeInfo{}).fields() {
		texts[f.field] = i[f.field]
	}
	return texts
}

// Info returns what the practice says about itself.
func (s State) Info() Info { return s.info }

// Zone returns the billing zone, Currency the one currency of the group (BIL-A25).
func (s State) Zone() civil.Zone { return s.zone }

// Currency returns the one currency of the group, fixed at its creation (BIL-A25).
func (s State) Currency() money.Currency { return s.currency }

// PeriodAnchor returns the first day of the first billing period, in Zone.
func (s State) PeriodAnchor() civil.Date { return s.anchor }

// ChartSharing returns how widely clinicians share their charts.
func (s State) ChartSharing() access.Width {
	if s.sharing.Width == "" {
		return access.AssignedOnly
	}
	return s.sharing.Width
}

// Solo reports whether the practice was founded for its owner alone and not
// converted since.
func (s State) Solo() bool { return s.solo }

// OwnerAccount returns the owner's account; zero before the practice exists.
func (s State) OwnerAccount() id.Account {
	owner, _ := s.Member(s.owner)
	return owner.Account
}

// Closed reports whether the practice has ended. Who carries out commands refuses
// all of a practice that has.
func (s State) Closed() bool { return s.closed }

// groupClosed voids what was still open when the practice ended.
func (s *State) groupClosed() {
	s.closed = true
	s.unheir()
	for i := range s.invitations {
		s.closeInvitation(i)
	}
}

// The rejections about a practice as a whole.
var (
	errNoGroup        = fault.New(fault.NotFound, "group_not_found", "There is no such practice, or you have no access to it.")
	errNameRequired   = fault.New(fault.Invalid, "name_required", "A name is required.")
	errSolo           = fault.New(fault.Rejected, "solo_practice", "This is a solo practice: its owner works alone. Have it converted to a group practice before inviting anybody.")
	errNotSolo        = fault.New(fault.Rejected, "not_solo", "This practice is a group practice already.")
	errNoAccount      = fault.New(fault.Rejected, "account_required", "A group practice needs an owner with an account that belongs to it. Sign the owner in first.")
	errPlanRequired   = fault.New(fault.Rejected, "plan_required", "Choose a plan first: one that is offered at present, and on which the practice has a licence.")
	errExportHash     = fault.New(fault.Invalid, "invalid_export_hash", "The hash of an export is its SHA-256 in 64 small hexadecimal digits.")
	errExportRequired = fault.New(fault.Rejected, "records_export_required", "Export the records first: the whole roster, or its archived charts, within the last seven days. Then name the SHA-256 of that file.")
)

// What the practice writes about itself.
var (
	groupName  = text.Line("name of the practice", 200)
	branchName = text.Line("name of the branch", 200)
	programme  = text.Line("name of the programme", 200)
)

// readName reads what must not be empty. Faults: "name_required", and those of
// package text.
func readName(f text.Field, s string) (string, error) {
	s, err := f.Read(s)
	return s, cmp.Or(err, fault.When(s == "", errNameRequired))
}

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
	name, errName := readName(groupName, c.Name)
	branch, errBranch := readName(branchName, c.DefaultBranchName)
	zone, errZone := c.BillingZone.Load()
	currency, errCurrency := money.ParseCurrency(string(c.Currency))
	if err := cmp.Or(errName, errBranch, errZone, errCurrency); err != nil {
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
	var changes []FieldChange
	for _, f := range c.fields() {
		if f.asked == nil {
			continue
		}
		read, err := f.rule.Read(*f.asked)
		if f.field == FieldName && err == nil && read == "" {
			err = errNameRequired
		}
		if err != nil {
			return nil, err
		}
		if old := s.info[f.field]; old != read {
			changes = append(changes, FieldChange{Field: f.field, Old: old, New: read})
		}
	}
	return es.Decided[Event](nil, len(changes) == 0, PracticeInfoUpdated{Changes: changes})
}

// infoField is one field of the practice info, what it takes, and what was asked for.
type infoField struct {
	field Field
	rule  text.Field
	asked *string
}

// fields lists the fields in the order in which changes are reported.
func (c UpdatePracticeInfo) fields() []infoField {
	address := text.Line("address", 200)
	return []infoField{
		{FieldName, groupName, c.Name},
		{FieldPhone, text.Line("phone number", 200), c.Phone},
		{FieldEmail, text.Email("e-mail address", 254), c.Email},
		{FieldWebsite, text.Link("website", 200), c.Website},
		{FieldLine1, address, c.Line1},
		{FieldLine2, address, c.Line2},
		{FieldCity, address, c.City},
		{FieldRegion, address, c.Region},
		{FieldPostalCode, address, c.PostalCode},
		{FieldCountry, address, c.Country},
	}
}

// SetChartSharing says how widely the practice's clinicians share their charts
// (ADR 18). It is a grant to all of them at once and follows the rules of grants:
// a member who shares more must be able to hand on every permission that sharing
// opens (AMB-11); to share less takes no more than to be able to set rules.
// Rejections: "unknown_sharing", "grantor_lacks_permission".
type SetChartSharing struct {
	Sharing access.Width `json:"sharing"`
}

// Decide changes the setting; what is so already changes nothing.
func (c SetChartSharing) Decide(s State, f Ruling, now time.Time) ([]Event, error) {
	by, err := s.active(f.By)
	if err != nil {
		return nil, err
	}
	if !c.Sharing.Known() {
		return nil, fault.New(fault.Invalid, "unknown_sharing", "Charts are shared with one of assigned_only, branch, group.")
	}
	if !s.mayGrant(by, access.Resource{Group: s.group}, now) {
		return nil, errLacks
	}
	from := s.ChartSharing()
	lacks := func(opened access.Capability) bool { return !s.canHandOn(by, opened, now, time.Time{}) }
	if c.Sharing.WiderThan(from) && slices.ContainsFunc(access.SharedCapabilities(), lacks) {
		return nil, errLacks
	}
	return es.Decided[Event](nil, c.Sharing == from, ChartSharingChanged{Rule: f.Rule, From: from, To: c.Sharing, ChangedBy: by.ID})
}

// ConversionFacts are the operator who converts, zero for the owner, whether the
// owner's account is tied to the practice, and the prices.
type ConversionFacts struct {
	Operator         id.Account
	AccountIsClaimed bool
	Book             pricing.Book
}

// ConvertSoloToGroup makes a solo practice one that others can join (G-3): with
// the owner's existing account, on a plan that the practice has chosen. Ids stay,
// so that charts, billing period and what is left of the trial go on unchanged
// (AMB-2, AMB-10). Who may is for the use case to say. Rejections: "not_solo",
// "account_required", "plan_required".
type ConvertSoloToGroup struct {
	Plan pricing.PlanID `json:"plan"`
}

// Decide converts the practice.
func (c ConvertSoloToGroup) Decide(s State, f ConversionFacts, now time.Time) ([]Event, error) {
	today, err := s.today(now)
	if err := cmp.Or(
		err,
		fault.When(!s.solo, errNotSolo),
		fault.When(!f.AccountIsClaimed, errNoAccount),
	); err != nil {
		return nil, err
	}
	if _, offered := f.Book.Price(c.Plan, today); !offered || !s.subscribesTo(c.Plan) {
		return nil, errPlanRequired
	}
	return []Event{SoloPracticeConverted{Account: s.OwnerAccount(), Plan: c.Plan, Operator: f.Operator}}, nil
}

// subscribesTo reports whether the practice has a licence on the plan that goes on.
func (s State) subscribesTo(p pricing.PlanID) bool {
	return s.Subscribed() && slices.ContainsFunc(s.subscription.licences, func(l Licence) bool { return l.Plan == p && !l.Releasing })
}

// ClosingFacts are who closes, and whether the named export was made lately.
type ClosingFacts struct {
	By         id.Member
	IsExported bool
}

// CloseGroup ends the practice for good. Its records stay and can be read; nothing
// of it changes any more, its invitations are void, and no period is charged.
// Purchases that nobody could use yet, because they are not paid, are undone.
// Rejections: "owner_only", "invalid_export_hash", "active_members_remain",
// "removal_in_progress", "records_export_required". Closing twice changes nothing.
type CloseGroup struct {
	// ExportManifestHash is the SHA-256 of the export with which the owner keeps the
	// records, in 64 small hexadecimal digits.
	ExportManifestHash string `json:"exportManifestHash"`
}

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Decide closes the practice.
func (c CloseGroup) Decide(s State, f ClosingFacts, now time.Time) ([]Event, error) {
	if err := s.owning(f.By); err != nil {
		return nil, err
	}
	others, removals := 0, 0
	for _, m := range s.members {
		if m.Active && m.ID != s.owner {
			others++
		}
		if r, _ := s.RemovalOf(m.ID); r.InProgress {
			removals++
		}
	}
	switch {
	case s.Closed():
		return nil, nil
	case !hashPattern.MatchString(c.ExportManifestHash):
		return nil, errExportHash
	case others > 0:
		return nil, fault.New(fault.Rejected, "active_members_remain", "%d members besides you still have access. Remove them first.", others).
			With("members", strconv.Itoa(others))
	case removals > 0:
		return nil, errRemovalInProgress
	case !f.IsExported:
		return nil, errExportRequired
	}
	today, err := s.today(now)
	if err != nil {
		return nil, err
	}
	return append(s.unusable(today), GroupClosed{ExportManifestHash: c.ExportManifestHash, ClosedBy: f.By}), nil
}
