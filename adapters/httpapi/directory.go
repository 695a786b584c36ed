package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"praxis/adapters/contacts"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections/directory"
)

type removalView struct {
	Stage        directory.Removal `json:"stage"`
	ChartsToMove int               `json:"chartsToMove"`
	ChartsMoved  int               `json:"chartsMoved"`
}

type memberView struct {
	ID          id.Member        `json:"id"`
	DisplayName string           `json:"displayName,omitempty"`
	Role        access.Role      `json:"role"`
	RoleSince   time.Time        `json:"roleSince"`
	Clinician   bool             `json:"clinician"`
	Profession  pricing.Category `json:"profession,omitempty"`
	Active      bool             `json:"active"`
	JoinedAt    time.Time        `json:"joinedAt"`
	LeftAt      time.Time        `json:"leftAt,omitzero"`
	Removal     *removalView     `json:"removal,omitempty"`
	Branches    []id.Branch      `json:"branches"`
	Manages     []id.Member      `json:"manages,omitempty"`
	Assists     []id.Member      `json:"assists,omitempty"`
	Licence     *id.Licence      `json:"licence,omitempty"`
	Plan        *pricing.PlanID  `json:"plan,omitempty"`
}

func memberOf(m directory.Member, names map[id.Account]contacts.Contact) memberView {
	v := memberView{
		ID: m.ID, DisplayName: names[m.Account].Name, Role: m.Role, RoleSince: m.RoleSince.UTC(), Clinician: m.Clinician, Profession: m.Profession,
		Active: m.Active, JoinedAt: m.JoinedAt.UTC(), Branches: m.Branches, Manages: m.Manages, Assists: m.Assists, Licence: m.Licence, Plan: m.Plan,
	}
	if m.LeftAt != nil {
		v.LeftAt = m.LeftAt.UTC()
	}
	if m.Removal != "" {
		v.Removal = &removalView{m.Removal, m.ChartsToMove, m.ChartsMoved}
	}
	return v
}

// directoryLimit is the size of a page unless the query says otherwise: callers
// from before there were pages get a whole practice of that size.
const directoryLimit = 500

func (a *api) listMembers(x *exchange) error {
	values := x.r.URL.Query()
	q := directory.MembersQuery{Cursor: x.cursor, Limit: directoryLimit, Descending: values.Get("sort") == "-joined"}
	if values.Has("limit") {
		q.Limit = queryLimit(x)
	}
	for _, role := range values["role"] {
		q.Filter.Roles = append(q.Filter.Roles, access.Role(role))
	}
	q.Filter.Clinician, q.Filter.Active = queryBool(x, "clinician"), queryBool(x, "active")
	var err error
	if q.Filter.Branches, err = queryIDs[id.Branch](values["branch"]); err != nil {
		return err
	}
	_, admission, err := x.admitted(directory.Name, commands.Question{Action: "member.list", Capability: access.MemberView, Target: directory.Name})
	if err != nil {
		return err
	}
	q.Reach, q.Licences = admission.Reach, access.ReachOf(admission.Subject, access.SubscriptionView, a.Clock())
	asOf, err := x.asOf(directory.Name)
	if err != nil {
		return err
	}
	page, err := directory.Members(x.ctx(), a.Pool, q)
	if err != nil {
		return err
	}
	names, err := a.namesOf(x, page.Members)
	if err != nil {
		return err
	}
	answer := struct {
		Members []memberView `json:"members"`
		Next    nextCursor   `json:"nextCursor,omitzero"`
		AsOf    string       `json:"asOf"`
	}{Members: []memberView{}, Next: x.next(page.Next), AsOf: asOf}
	for _, m := range page.Members {
		answer.Members = append(answer.Members, memberOf(m, names))
	}
	return x.reply(http.StatusOK, answer)
}

// namesOf reads what the members are called, as far as their sign-ins said.
func (a *api) namesOf(x *exchange, members []directory.Member) (map[id.Account]contacts.Contact, error) {
	if a.Contacts == nil {
		return nil, nil
	}
	accounts := make([]id.Account, 0, len(members))
	for _, m := range members {
		accounts = append(accounts, m.Account)
	}
	return a.Contacts.Of(x.ctx(), accounts...)
}

// asOf is how far a read model is, for the answer that is read from it next.
func (x *exchange) asOf(projection string) (string, error) {
	position, err := x.api.Freshness.Position(x.ctx(), projection)
	return position.String(), err
}

// queryBool reads a query parameter that is true or false; nil if it is not there.
func queryBool(x *exchange, name string) *bool {
	if v, err := strconv.ParseBool(x.r.URL.Query().Get(name)); err == nil {
		return &v
	}
	return nil
}

type invitationView struct {
	ID         id.Invitation `json:"id"`
	Role       access.Role   `json:"role"`
	Clinician  bool          `json:"clinician"`
	Branches   []id.Branch   `json:"branches"`
	Clinicians []id.Member   `json:"clinicians"`
	InvitedBy  id.Member     `json:"invitedBy"`
	InvitedAt  time.Time     `json:"invitedAt"`
	ExpiresAt  time.Time     `json:"expiresAt"`
}

func (a *api) listInvitations(x *exchange) error {
	_, admission, err := x.admitted(directory.Name, commands.Question{Action: "invitation.list", Capability: access.MemberInvite, Target: directory.Name})
	if err != nil {
		return err
	}
	asOf, err := x.asOf(directory.Name)
	if err != nil {
		return err
	}
	page, err := directory.Invitations(x.ctx(), a.Pool, directory.InvitationsQuery{
		Reach: admission.Reach, Now: a.Clock(), Cursor: x.cursor, Limit: queryLimit(x),
	})
	if err != nil {
		return err
	}
	answer := struct {
		Invitations []invitationView `json:"invitations"`
		Next        nextCursor       `json:"nextCursor,omitzero"`
		AsOf        string           `json:"asOf"`
	}{Invitations: []invitationView{}, Next: x.next(page.Next), AsOf: asOf}
	for _, i := range page.Invitations {
		answer.Invitations = append(answer.Invitations, invitationView{
			i.ID, i.Role, i.Clinician, i.Branches, i.Clinicians, i.InvitedBy, i.InvitedAt.UTC(), i.ExpiresAt.UTC(),
		})
	}
	return x.reply(http.StatusOK, answer)
}
