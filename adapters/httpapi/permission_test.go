package httpapi_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/accesslog"
	"praxis/domain/es"
)

// The cast of the permission tests, by letter. Everything is asked about a chart
// whose primary is Carla.
//
//	O owner, treats nobody · S super admin · M manager of Carla · C Carla, the primary · D another clinician
//	A assistant of Carla with grants · B assistant of Carla without · P the chart's patient
//	Q the chart's patient once, whose access was ended · F a patient whose own chart was archived
//	Z stranger · R removed member · X owner of another practice
var cast = map[rune]string{
	'O': "olivia", 'S': "sam", 'M': "maria", 'C': "carla", 'D': "david",
	'A': "alex", 'B': "bea", 'P': "pat", 'Q': "quinn", 'F': "fay", 'Z': "zoe", 'R': "rex", 'X': "omar",
}

// rule is what is expected of one operation: who may, and what a request looks
// like that is refused to nobody else. The rest is refused as belongs to them.
type rule struct {
	may string
	// code is that of the refusal which those who may meet in the scene, if it has
	// no case for the operation.
	code string
	path func(*scene) string // the operation's path with the scene's ids unless given
	body func(*scene) any    // the Sample of the operation's command unless given
	// denied is the code of a refusal that has one of its own.
	denied string
	// unseen is the code for those who may ask, but to whom there is no such thing.
	unseen string
}

// scene is a practice with one of everything.
type scene struct {
	*practice
	ids map[string]string
	// elsewhere is Omar's practice.
	elsewhere *practice
	// offered reports that Carla is offered the practice.
	offered bool
	// claimed reports that Carla, who is the successor, claims the practice.
	claimed bool
	// kind is an appointment type, archived a chart of Carla's that was.
	kind, charge, draft, issued, payment, archived string
}

const everybody = "OSMCDABPQFZRX"

func saying(body any) func(*scene) any { return func(*scene) any { return body } }

func about(query func(*scene) string) func(*scene) string { return query }

// withClinician is the operation's path with Carla selected.
var withClinician = about(func(s *scene) string { return "?clinician=" + s.members["carla"] })

var ofType = about(func(s *scene) string { return "?type=" + s.kind })

// rules has an expectation for every operation of the document: the permission matrix,
// read operation by operation. What is sent follows from the declaration of the command.
// A command that nobody wrote an expectation for is expected of those who may all that is
// written down of its permission for the same kind of thing.
func rules() map[string]rule {
	all, written, questions := expectations(), expectations(), explained()
	for operation, c := range declaredCommands() {
		r, expected := written[operation]
		for sibling, of := range written {
			if q := questions[sibling]; !expected && q.permission != "" && q == questions[operation] {
				r, expected = rule{may: of.may, denied: of.denied}, true
			}
		}
		if !expected {
			continue
		}
		if body, _ := httpapi.SampleBody(c, operation); r.body == nil && body != nil {
			r.body = func(s *scene) any { return s.named(body) }
		}
		all[operation] = r
	}
	return all
}

// declaredCommands are the commands by the operations that give them; of several, it is
// the first whose Sample fits the operation.
func declaredCommands() map[string]commands.Description {
	all := map[string]commands.Description{}
	for _, c := range slices.Backward(commands.Declared()) {
		for _, operation := range []string{c.Operation, c.PatientOperation} {
			_, known := all[operation]
			if _, err := httpapi.SampleBody(c, operation); operation != "" && (err == nil || !known) {
				all[operation] = c
			}
		}
	}
	return all
}

// named is a body with the ids of the scene in the place of those of the samples.
func (s *scene) named(body []byte) any {
	var pairs []string
	own := s.samples()
	for name, sample := range commands.SampleIDs() {
		pairs = append(pairs, sample, own[name])
	}
	named := object{}
	if err := json.Unmarshal([]byte(strings.NewReplacer(pairs...).Replace(string(body))), &named); err != nil {
		panic(err) // It was valid before.
	}
	return named
}

// samples has what the scene has for each name of an id in the samples.
func (s *scene) samples() map[string]string {
	return map[string]string{
		"administrator": s.members["sam"], "manager": s.members["maria"], "clinician": s.members["carla"], "colleague": s.members["david"],
		"assistant": s.members["alex"], "member": s.members["emma"], "leaver": s.members["finn"], "former member": s.members["rex"],
		"account": s.ids["account"], "invitation": s.ids["invitation"], "branch": s.ids["branch"], "main branch": s.branch, "chart": s.ids["chart"], "other chart": s.archived,
		"contact": s.ids["contact"], "person": s.ids["person"], "linked chart": s.ids["chart"], "bulk": s.ids["bulk"], "glass": s.ids["glass"], "portal invitation": s.ids["portalInvitation"], "charge": s.charge, "draft": s.draft, "invoice": s.issued, "payment": s.payment,
		"type": s.kind, "reserve": s.ids["reserve"], "block": s.ids["block"],
		"licence": s.ids["licence"], "seat charge": s.ids["seatCharge"], "proof": s.ids["proof"],
	}
}

// expectations are the rules as they are written down. They have a body only where the
// request is of another shape than the command.
func expectations() map[string]rule {
	all := map[string]rule{
		"health": {may: everybody}, "readiness": {may: everybody}, "metrics": {may: everybody}, "openapi": {may: everybody}, "me": {may: everybody}, "listMyCharts": {may: everybody},

		// Rex has left, Pat, Quinn and Fay never joined; Zoe is invited.
		"forgetContact": {may: "PQFR"},

		"createGroup":        {may: "PQFZR"},
		"getGroup":           {may: "OSMCDAB"},
		"updatePracticeInfo": {may: "O"},
		"getBranch":          {may: "OSMCDAB"},
		"createBranch":       {may: "O"},
		"renameBranch":       {may: "O"},

		"setChartSharing":    {may: "O"},
		"convertSoloToGroup": {denied: "operator_only"},

		"listMembers":          {may: "OSMCDAB"},
		"getMember":            {may: "OSMCDAB"},
		"listInvitations":      {may: "O"},
		"getInvitation":        {may: "O"},
		"listPermissions":      {may: "OSMCDAB"},
		"getMemberPermissions": {may: "OMC", path: func(s *scene) string { return s.path("/members/", s.members["carla"], "/permissions") }},
		// The command knows the hash of the address only.
		"inviteMember":      {may: "O", body: saying(object{"email": "new@example.org", "role": "user", "clinician": true})},
		"acceptInvitation":  {may: "Z"},
		"declineInvitation": {may: "Z"},
		"revokeInvitation":  {may: "O"},
		"removeMember":      {may: "O"},
		"changeMemberRole":  {may: "O"},
		"assignManager": {
			may:  "O",
			path: func(s *scene) string { return s.path("/members/", s.members["maria"], "/managed-clinicians") },
		},
		"assignAssistant": {
			may:  "O",
			path: func(s *scene) string { return s.path("/members/", s.members["alex"], "/assisted-clinicians") },
		},
		"setClinicianBranches": {may: "OS"},
		// Its effect decides which of two commands it is.
		"setMemberPermission":   {may: "O", body: saying(object{"effect": "allow", "scope": "group"})},
		"clearMemberPermission": {may: "O"},
		"setRolePermission":     {may: "O"},

		"getMemberRemoval":   {may: "OSMCDAB", path: func(s *scene) string { return s.path("/members/", s.members["finn"], "/removal") }},
		"startMemberRemoval": {may: "O"},
		"replanMemberRemoval": {
			may:  "O",
			path: func(s *scene) string { return s.path("/members/", s.members["finn"], "/removal") },
		},
		"reinstateMember": {
			may:  "O",
			path: func(s *scene) string { return s.path("/members/", s.members["rex"], "/reinstatement") },
		},
		"listFormerCharts": {may: "O", path: func(s *scene) string { return s.path("/members/", s.members["rex"], "/former-charts") }},
		"relinkCharts": {
			may: "O", code: "no_former_charts",
			path: func(s *scene) string { return s.path("/members/", s.members["carla"], "/relinking") },
		},
		"closeGroup":           {may: "O", code: "active_members_remain"},
		"getOwnershipOffer":    {may: "OC", unseen: "no_ownership_offer", path: offering(true, "")},
		"offerOwnership":       {may: "O", path: offering(false, "")},
		"cancelOwnershipOffer": {may: "OC", path: offering(true, "")},
		"acceptOwnership":      {may: "C", path: offering(true, "/accept")},
		"getSuccessor":         {may: "OC", unseen: "no_successor"},
		"nameSuccessor":        {may: "O"},
		"clearSuccessor":       {may: "O"},
		"claimSuccession":      {may: "C", path: claiming(false, "")},
		"withdrawSuccession":   {may: "C", path: claiming(true, "")},
		"rejectSuccession":     {may: "O", path: claiming(true, "/reject")},
		"closeBranch":          {may: "O"},
		"placeInCustody":       {may: "O", code: "active_clinician_exists"},
		"listChartAccess":      {may: "O"},
		"explainAccess":        {may: "OMC", path: func(s *scene) string { return "?capability=roster.view&member=" + s.members["carla"] }},

		"startBulk": {may: "O"},
		// It is the owner's, and of those who may do the same to every chart.
		"getBulk": {may: "OS", unseen: "bulk_not_found"}, "cancelBulk": {may: "OS", unseen: "bulk_not_found"},
		"undoBulk": {may: "OS", code: "bulk_running", unseen: "bulk_not_found"},

		"createChart":     {may: "C"},
		"listCharts":      {may: "OSMCDA"},
		"exportRoster":    {may: "OS"},
		"getChart":        {may: "OSMCA", unseen: "chart_not_found"},
		"listDuplicates":  {may: "OSMCDA"},
		"tellChartsApart": {may: "OS"},
		"getMerge":        {may: "OSMCA", unseen: "chart_not_found"},
		"mergeChart":      {may: "OS", code: "target_archived"},
		"undoMerge":       {may: "OS", code: "not_merged"},
		"listContacts":    {may: "OSMCA", unseen: "chart_not_found"},
		"getContact":      {may: "OSMCA", unseen: "chart_not_found"},
		"removeContact":   {may: "C", code: "contact_is_responsible"},
		// The body is the patient, and nothing else.
		"updateDemographics": {may: "C", body: saying(object{"familyName": "Ames"})},
		"assignClinician":    {may: "O"},
		"assignBranch":       {may: "OSMC"},
		// The command calls it "to".
		"changeChartStatus": {may: "OS", body: saying(object{"status": "inactive"})},
		// It has an appointment ahead.
		"archiveChart":    {may: "OS", code: "future_appointments"},
		"unarchiveChart":  {may: "OS"},
		"restrictChart":   {may: "OC"},
		"getChartGuard":   {may: "OC"},
		"liftRestriction": {may: "OC", code: "not_restricted"},
		"excludeMember":   {may: "OC", path: func(s *scene) string { return s.path("/charts/", s.ids["chart"], "/exclusions/", s.members["david"]) }},
		"readmitMember":   {may: "OC", code: "not_excluded"},
		// Olivia treats nobody: the clinical part is closed to her. Rex's is closed and awaits its review.
		"openBreakGlass":   {may: "O"},
		"closeBreakGlass":  {may: "OSMCA", code: "break_glass_not_open"},
		"revokeBreakGlass": {may: "O", code: "break_glass_not_open"},
		"reviewBreakGlass": {may: "O"},
		"listBreakGlass":   {may: "O"}, "getBreakGlass": {may: "O"},
		"addTeamMember":       {may: "OSMC", path: teamOf("david")},
		"changeTeamRole":      {may: "OSM", path: teamOf("emma")},
		"removeTeamMember":    {may: "OSM", path: teamOf("emma")},
		"linkPatientAccount":  {may: "OMCA"},
		"changePatientAccess": {may: "OMCA", path: accountOfPat}, "unlinkPatientAccount": {may: "OMCA", path: accountOfPat},

		"listHouseholds": {may: "OSMCD"}, "getHousehold": {may: "OSMC"}, "getHouseholdPerson": {may: "OSMC"},
		"renameHousehold": {may: "OSMC"}, "addHouseholdPerson": {may: "OSMC"}, "linkChart": {may: "OSMC"},
		"addHouseholdTeamMember":  {may: "OSMC", path: householdTeamOf("david", "")},
		"changeHouseholdTeamRole": {may: "OSM", path: householdTeamOf("emma", "")}, "removeHouseholdTeamMember": {may: "OSM", path: householdTeamOf("emma", "")},
		"changeHouseholdTeamWindow": {may: "OSM", path: householdTeamOf("emma", "/window")},
		"setSecondaryProfessional":  {may: "OSM"}, "clearSecondaryProfessional": {may: "OSM"},
		"removeHouseholdPerson": {may: "OSM"}, "unlinkChart": {may: "OSM"},
		"declineHouseholdTeams": {may: "OSM"}, "allowHouseholdTeams": {may: "OSM", code: "teams_allowed"},
		"createHousehold": {may: "C"}, "reassignHousehold": {may: "OS"}, "dissolveHousehold": {may: "OS"},
		"offerHouseholdTransfer": {may: "OS", code: "transfer_open"}, "withdrawHouseholdTransfer": {may: "OS"},
		"completeHouseholdTransfer":      {may: "OS", code: "patient_confirmation_required"},
		"portalConfirmHouseholdTransfer": {may: "P"},
		"printHouseholdSummary":          {may: "OSMC"}, "getHouseholdSummary": {may: "OSMC"}, "getHouseholdSummaryDocument": {may: "OSMC"},

		"recordCharge":        {may: "O", path: withClinician},
		"voidCharge":          {may: "O", path: withClinician},
		"draftInvoice":        {may: "O", path: withClinician},
		"issueInvoice":        {may: "O", path: withClinician},
		"discardDraft":        {may: "O", path: withClinician},
		"voidInvoice":         {may: "O", path: func(s *scene) string { return s.ledger(s.ids["chart"], "carla", "/invoices/", s.issued, "/void") }},
		"recordPayment":       {may: "O", path: withClinician},
		"applyPayment":        {may: "O", path: withClinician},
		"getInvoicePrefix":    {may: "OC", path: func(s *scene) string { return s.path("/members/", s.members["carla"], "/invoice-prefix") }},
		"chooseInvoicePrefix": {may: "O", code: "invoice_prefix_settled", path: func(s *scene) string { return s.path("/members/", s.members["carla"], "/invoice-prefix") }},
		"getCharge":           {may: "OC", unseen: "charge_not_found"},
		"getInvoice":          {may: "OC", unseen: "invoice_not_found"},
		"getPayment":          {may: "OC", unseen: "payment_not_found"},
		"billingHistory":      {may: "OMCD"}, "billingBalance": {may: "OMCD"}, "listInvoices": {may: "OMCD"},

		// It is no command of the document.
		"receiveCardMessage": {body: saying(object{})},

		"getBookingPolicy": {may: "OSMCDAB"},
		// Each has two commands, one for on and one for off.
		"setOnlineBooking":          {may: "OS", body: saying(object{"on": false})},
		"setSelfService":            {may: "OS", body: saying(object{"on": false})},
		"changeBookingWindow":       {may: "OS"},
		"publishCancellationPolicy": {may: "OS"},
		"listAppointmentTypes":      {may: "OSMCDAB"},
		"addAppointmentType":        {may: "OS"},
		"reviseAppointmentType":     {may: "OS"},
		"retireAppointmentType":     {may: "OS"},
		"reserveTime":               {may: "OSMC"},
		"skipReservedDate":          {may: "OSMC"},
		"moveReservedDate":          {may: "OSMC"},
		"endReserve":                {may: "OSMC"},
		"blockTime":                 {may: "OSMC"},
		"unblockTime":               {may: "OSMC"},
		"listSlots":                 {may: "OSMCA", path: ofType},
		"bookAppointment":           {may: "OMCA"},
		"rescheduleAppointment":     {may: "OMCA"},
		"cancelAppointment":         {may: "OMCA"},
		"listAppointments":          {may: "OMCDA"},
		"getAppointment":            {may: "OMCA"},

		"changePatientLimits":      {may: "OS"},
		"listCancellationPolicies": {may: "OSMCDAB"}, "getCancellationPolicy": {may: "OSMCDAB"}, "getAppointmentType": {may: "OSMCDAB"},
		"listReserves": {may: "OSMC"}, "getReserve": {may: "OSMC"}, "listBlocks": {may: "OSMC"}, "getBlock": {may: "OSMC"},
		"restoreReservedDate": {may: "OSMC"}, "reopenReserve": {may: "OSMC"},
		"changeReserveFrom": {may: "OSMC"},
		"getClinicianZone":  {may: "OSMC"}, "setClinicianZone": {may: "OSMC"},
		"setBranchZone": {may: "O"},

		"portalListTypes": {may: "OSMCAP"}, "portalListSlots": {may: "OSMCAP", path: ofType}, "portalListMoves": {may: "OSMCAP"},
		"portalListAppointments": {may: "P"}, "portalGetAppointment": {may: "P"},
		"portalBookAppointment":       {may: "P"},
		"portalRescheduleAppointment": {may: "P"},
		"portalCancelAppointment":     {may: "P"},

		"getCareTeam":    {may: "OSMC"},
		"whoCouldAndDid": {may: "O"},
		"listAccessLog":  {may: "OMCDAB"}, "portalAccessReport": {may: "P"},
		"listPatientAccess": {may: "OMCA"}, "getPatientInvitation": {may: "OMCA", path: portalInvitation("")},
		"invitePatient":           {may: "OMCA"},
		"resendPatientInvitation": {may: "OMCA", path: portalInvitation("/resend")},
		"revokePatientInvitation": {may: "OMCA", path: portalInvitation("/revoke")},
		"acceptPatientInvitation": {may: "", path: portalInvitation("/accept"), body: saying(object{"token": "guessed"})},

		"auditHistory": {may: "O", path: func(s *scene) string { return "?stream=group-" + s.group }},
	}
	maps.Copy(all, subscriptionRules())
	return all
}

// portalInvitation is a path below an invitation to the portal.
func portalInvitation(below string) func(*scene) string {
	return func(s *scene) string {
		return s.path("/charts/", s.ids["chart"], "/invitations/", s.ids["portalInvitation"], below)
	}
}

// offering is a path below the offer of the practice, which is open or not.
func offering(open bool, below string) func(*scene) string {
	return func(s *scene) string {
		path := s.path("/ownership-offer")
		if open != s.offered {
			if s.offered = open; open {
				s.claimed = false // An offer stops a claim.
				s.post("olivia", path, object{"to": s.members["carla"]}).done()
			} else {
				s.send("olivia", http.MethodDelete, path, nil).done()
			}
		}
		return path + below
	}
}

// claiming is a path below the claim to the practice, which is open or not. Nobody is
// offered the practice then.
func claiming(open bool, below string) func(*scene) string {
	return func(s *scene) string {
		offering(false, "")(s)
		path := s.path("/succession-claim")
		if open != s.claimed {
			if s.claimed = open; open {
				s.post("carla", path, nil).done()
			} else {
				s.send("carla", http.MethodDelete, path, nil).done()
			}
		}
		return path + below
	}
}

// accountOfPat is the path of Pat's link to the chart.
func accountOfPat(s *scene) string {
	return s.path("/charts/", s.ids["chart"], "/patient-accounts/", s.me("pat").Account)
}

func householdTeamOf(subject, below string) func(*scene) string {
	return func(s *scene) string {
		return s.path("/households/", s.ids["household"], "/team/", s.members[subject], below)
	}
}

func teamOf(subject string) func(*scene) string {
	return func(s *scene) string { return s.path("/charts/", s.ids["chart"], "/team/", s.members[subject]) }
}

// withHousehold makes a household of Carla's, which is offered to another practice.
func (s *scene) withHousehold(chart string) {
	h := s.post("carla", s.path("/households"), object{"name": "Abbott family"}).done().ID
	household := func(parts ...string) string { return s.path("/households/" + h + strings.Join(parts, "")) }
	s.put("carla", household("/charts/", chart), object{}).done()
	s.put("carla", household("/team/", s.members["emma"]), object{"role": "clinician"}).done()
	s.put("olivia", household("/secondary"), object{"member": s.members["emma"]}).done()
	s.post("olivia", household("/transfer"), object{"to": "River Practice"}).done()
	s.ids["household"] = h
	s.ids["person"] = s.post("carla", household("/people"), object{"name": "Beth Abbott"}).done().ID
	s.ids["summary"] = s.post("carla", household("/summaries"), nil).done().ID
}

// newScene founds the practice that the rules speak of.
func newScene(s *stack) *scene {
	s.t.Helper()
	p := s.staffed()
	p.join("sam", "super_admin", false)
	p.join("maria", "manager", true, "carla")
	p.join("emma", "user", true)
	p.join("alex", "assistant", false, "carla")
	p.join("bea", "assistant", false, "carla")
	p.join("rex", "user", true)
	p.join("finn", "user", true)
	for _, capability := range []string{"roster.view", "appointment.manage", "slots.view"} {
		p.allow("alex", capability, "assists")
	}
	// The owner keeps chart.create to themselves; that is not what is asked about.
	p.send("olivia", http.MethodDelete, p.path("/members/", p.members["olivia"], "/permissions/chart.create"), nil).done()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.put("olivia", p.path("/charts/", chart, "/team/", p.members["emma"]), object{"role": "clinician"}).done()
	p.put("olivia", p.path("/charts/", chart, "/primary"), object{"clinician": p.members["maria"], "effectiveAt": "2099-10-01T04:00:00Z"}).done()
	p.put("olivia", p.path("/charts/", chart, "/patient-accounts/", p.me("pat").Account), object{"relation": "self"}).done()
	p.link(chart, "quinn")
	p.send("olivia", http.MethodDelete, p.path("/charts/", chart, "/patient-accounts/", p.me("quinn").Account), nil).done()
	archived := p.open("carla", "Celia", "Cole", "carla")
	p.link(archived, "fay")
	p.post("olivia", p.path("/charts/", archived, "/archive"), object{"reason": "Moved away"}).done()
	p.put("olivia", p.path("/successor"), object{"successor": p.members["carla"]}).done()
	sc := &scene{practice: p, kind: p.bookable(), archived: archived}
	riverside := p.post("olivia", p.path("/branches"), object{"name": "River Street"}).done().ID
	p.put("olivia", p.path("/members/", p.members["carla"], "/branches"), object{"branches": []string{p.branch, riverside}}).done()
	sc.charge = p.charge(chart, "carla", "2026-03-02", 100)
	sc.draft = p.draft(chart, "carla", "2026-03-02", p.charge(chart, "carla", "2026-03-02", 100))
	sc.payment = p.pay(chart, "carla", "2026-03-02", 100)
	sc.issued = p.draft(chart, "carla", "2026-03-02", p.charge(chart, "carla", "2026-03-02", 100))
	p.issue(chart, "carla", sc.issued)
	calendar := p.path("/clinicians/", p.members["carla"])
	reserve := p.post("carla", calendar+"/reserves", object{"firstDate": "2026-03-04", "start": "13:00", "end": "16:00", "repeat": object{"frequency": "weekly", "every": 1, "days": []string{"wed"}}}).done().ID
	sc.ids = map[string]string{
		"group": p.group, "chart": chart, "clinician": p.members["carla"], "member": p.members["emma"], "branch": riverside,
		"role": "user", "capability": "roster.view", "account": p.me("emma").Account, "invitation": p.invite("zoe", "user", true),
		"charge": sc.charge, "invoice": sc.draft, "payment": sc.payment, "type": sc.kind, "reserve": reserve, "date": "2026-03-04", "day": "2026-03-02", "version": "1",
		"block":       p.post("carla", calendar+"/blocks", object{"start": "2026-03-06T13:00:00Z", "end": "2026-03-06T15:00:00Z"}).done().ID,
		"appointment": p.post("carla", calendar+"/appointments", object{"chart": chart, "type": sc.kind, "start": "2026-03-04T14:00:00Z"}).done().ID,
	}
	sc.ids["portalInvitation"] = p.post("carla", p.path("/charts/", chart, "/invitations"), object{"email": "kin@example.org", "relation": "guardian", "validDays": 14}).done().ID
	sc.ids["contact"] = p.post("carla", p.path("/charts/", chart, "/contacts"), object{"name": "Beth Abbott"}).done().ID
	p.put("carla", p.path("/charts/", chart, "/responsible-party"), object{"contact": sc.ids["contact"]}).done()
	sc.ids["bulk"] = p.post("olivia", p.path("/charts/bulk"), object{"op": "change_status", "status": "inactive", "rehearsal": true, "charts": []string{chart}}).done().ID
	sc.withHousehold(chart)
	p.allow("emma", "roster.view", "group")
	sc.ids["glass"] = p.breaks("rex", chart)
	p.remove("rex")
	p.post("olivia", p.path("/members/", p.members["finn"], "/removal"), object{"default": p.members["carla"]}).done()
	sc.withLicences()
	sc.elsewhere = p.found("omar", true)
	return sc
}

// Every operation × everybody: who may gets a good answer, of commands as a dry
// run; who may not is refused as the matrix says, and the refusal is recorded. The
// explainer and the effective permissions say the same. A new operation needs an entry
// in expectations() and one in explained().
func TestFoundP1_EveryOperationIsAllowedAsExplained(t *testing.T) {
	s := newScene(newStack(t))
	expected, questions := rules(), explained()
	s.settle()
	recorded := es.Revision(0)
	for _, template := range s.doc.Paths.InMatchingOrder() {
		for method, o := range s.doc.Paths.Value(template).Operations() {
			s.run(t, o.OperationID, func(t *testing.T) {
				r, ok := expected[o.OperationID]
				require.True(t, ok, "%s has no entry in expectations(): say who may", o.OperationID)
				question, ok := questions[o.OperationID]
				require.True(t, ok, "%s has no entry in explained(): say which permission it asks for, and of what", o.OperationID)
				path := fillPath(template, s.ids)
				if o.OperationID == "unarchiveChart" {
					path = s.path("/charts/", s.archived, "/archive")
				}
				if r.path != nil {
					if path += r.path(s); !strings.HasPrefix(r.path(s), "?") {
						path = r.path(s)
					}
				}
				var body any
				if r.body != nil {
					body = r.body(s)
				}
				var options []option
				if o.Parameters.GetByInAndName("header", "Praxis-Dry-Run") != nil {
					options = append(options, asDryRun)
				} else if method == http.MethodGet && s.knowsMinPosition(path) {
					options = append(options, header("Praxis-Min-Position", s.position))
				}
				for letter, subject := range cast {
					tail := s.tail()
					recorded = s.accessLogEnd()
					a := s.send(subject, method, path, body, options...)
					end := s.tail()
					if strings.ContainsRune("OSMCDAB", letter) {
						s.requireExplained(t, question, subject, a.status == http.StatusOK || strings.ContainsRune(r.may, letter) && r.code != "")
					}
					if strings.ContainsRune(r.may, letter) && r.code != "" {
						a.refused(http.StatusUnprocessableEntity, r.code)
						continue
					}
					if strings.ContainsRune(r.may, letter) {
						require.Equal(t, http.StatusOK, a.status, "%s: %s", subject, a.body)
						if method != http.MethodGet {
							require.Equal(t, "dry_run", a.receipt().Outcome)
							require.Equal(t, tail, end)
						}
						continue
					}
					if r.unseen != "" && a.status == http.StatusNotFound && !strings.ContainsRune("ZXPQF", letter) {
						a.refused(http.StatusNotFound, r.unseen)
						require.Empty(t, s.accessLogFrom(recorded), "having no such thing here is no refusal")
						s.requireLikeUnknown(t, template, subject, a)
						continue
					}
					s.requireRefusal(t, o.OperationID, letter, a, cmp.Or(r.denied, "permission_denied"), recorded)
				}
			})
			delete(expected, o.OperationID)
		}
	}
	require.Empty(t, expected, "these operations are no more")
}

// requireLikeUnknown asks for a thing of another id, which does not exist: the answer
// must be the one for the thing that somebody may not see.
func (s *scene) requireLikeUnknown(t *testing.T, template, subject string, unseen answer) {
	t.Helper()
	_, last, found := strings.Cut(template[strings.LastIndex(template, "/"):], "{")
	if !found {
		return // There is one at most, and no id.
	}
	ids := maps.Clone(s.ids)
	delete(ids, strings.TrimSuffix(last, "}"))
	unknown := s.get(subject, fillPath(template, ids))
	require.Equal(t, unseen.status, unknown.status)
	told, toldOfUnknown := unseen.problem(), unknown.problem()
	told.RequestID, toldOfUnknown.RequestID = "", ""
	require.Equal(t, toldOfUnknown, told)
}

func encoded(t *testing.T, body any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	return string(raw)
}

// requireRefusal asserts how somebody without permission is refused, and that it
// stands in the access log.
func (s *scene) requireRefusal(t *testing.T, operation string, letter rune, a answer, code string, recorded es.Revision) {
	t.Helper()
	facts := s.accessLogFrom(recorded)
	switch {
	case operation == "acceptInvitation" || operation == "declineInvitation":
		require.Equal(t, "invitation_not_found", a.problem().Code, "%c", letter)
		return
	case operation == "acceptPatientInvitation":
		require.Equal(t, "invitation_not_found", a.problem().Code, "%c", letter)
		return
	case operation == "acceptOwnership" || operation == "cancelOwnershipOffer":
		// An offer is its addressee's and the owner's matter, not one of permissions.
		require.Contains(t, []string{"no_ownership_offer", "group_not_found", "member_inactive"}, a.problem().Code, "%c", letter)
		return
	case operation == "claimSuccession" || operation == "withdrawSuccession":
		// A claim is the successor's matter, not one of permissions.
		require.Contains(t, []string{"not_successor", "no_succession_claim", "group_not_found", "member_inactive"}, a.problem().Code, "%c", letter)
		return
	case operation == "forgetContact":
		// Members stay known to their practice; of Zoe, who is invited, Praxis needs the address.
		want := "membership_active"
		if letter == 'Z' {
			want = "invitation_open"
		}
		a.refused(http.StatusUnprocessableEntity, want)
		require.Empty(t, facts, "it is nobody's data but their own")
		return
	case operation == "publishPrices":
		a.refused(http.StatusForbidden, "operators_only")
		require.Empty(t, facts, "prices are no practice's, and so is the refusal")
		return
	case operation == "receiveCardMessage":
		a.refused(http.StatusNotFound, "webhook_not_expected")
		require.Empty(t, facts, "nothing is recorded of what does not come from the processor")
		return
	case operation == "createGroup":
		a.refused(http.StatusUnprocessableEntity, "account_in_other_group")
		return
	case strings.ContainsRune("ZXPQF", letter):
		if letter != 'P' || a.status != http.StatusForbidden {
			a.refused(http.StatusNotFound, "group_not_found")
			require.Empty(t, facts, "%c: strangers write into no practice's log", letter)
			return
		}
		a.refused(http.StatusForbidden, code)
	case letter == 'D' && a.status == http.StatusNotFound:
		// David is a clinician, but not Ada's: to him there is neither such a chart nor such a household.
		unseen := "chart_not_found"
		if template, _ := s.place(operation); strings.Contains(template, "/households/{household}") {
			unseen = "household_not_found"
		}
		a.refused(http.StatusNotFound, unseen)
	default:
		a.refused(http.StatusForbidden, code)
	}
	require.Equal(t, 1, len(facts), "%c: the refusal is recorded", letter) //nolint:testifylint // Len would print every byte of them.
	refusal, ok := facts[0].Event.(accesslog.AccessRefused)
	require.True(t, ok)
	require.NotEmpty(t, refusal.Capability)
	if member := s.members[cast[letter]]; letter != 'X' && member != "" {
		require.Equal(t, "member:"+member, facts[0].Meta.Actor)
	}
}

func TestARemovedMemberIsRefusedInTheVeryNextRequest(t *testing.T) {
	p := newStack(t).staffed()
	chart := p.open("carla", "Ada", "Abbott", "carla")
	require.Len(t, p.roster("carla", "").Charts, 1)
	p.stopRunner() // The read models do not learn of it any more.
	p.post("olivia", p.path("/members/", p.members["carla"], "/removal"), object{"default": p.members["david"]}).done()
	p.send("carla", http.MethodGet, p.path("/charts"), nil).refused(http.StatusForbidden, "permission_denied")
	p.send("carla", http.MethodGet, p.path("/charts/", chart), nil).refused(http.StatusForbidden, "permission_denied")
	tail := p.tail()
	p.put("carla", p.path("/charts/", chart, "/demographics"), object{"familyName": "X"}).refused(http.StatusForbidden, "permission_denied")
	require.NotEqual(t, tail, p.tail(), "the refusal itself is recorded")
	require.Len(t, p.accessLogFrom(0), 3)
}

// A clinician who is made a manager still sees her own balance and tracker, and a
// super admin his own permissions; nobody is told to ask themselves.
func TestFoundP6_ASuperAdminSeesTheirOwnPermissionsAndAManagerTheirOwnBalance(t *testing.T) {
	p := newStack(t).staffed()
	p.join("sam", "super_admin", false)
	chart := p.open("carla", "Ada", "Abbott", "carla")
	p.charge(chart, "carla", "2026-03-02", 100)
	p.put("olivia", p.path("/members/", p.members["carla"], "/role"), object{"role": "manager", "clinicians": []string{p.members["david"]}}).done()
	require.Len(t, p.history("carla", "?clinician="+p.members["carla"]).Entries, 1)

	var own struct{ Permissions []struct{ Capability string } }
	p.get("sam", p.path("/members/", p.members["sam"], "/permissions")).into(&own)
	require.Contains(t, own.Permissions, struct{ Capability string }{"permission.view"})
	p.get("sam", p.path("/access/explain?capability=permission.view&member=", p.members["sam"])).into(new(any))
	p.get("sam", p.path("/members/", p.members["carla"], "/permissions")).refused(http.StatusForbidden, "permission_denied")

	p.send("olivia", http.MethodDelete, p.path("/members/", p.members["olivia"], "/permissions/chart.create"), nil).done()
	mine := p.post("olivia", p.path("/charts"), object{"patient": object{"familyName": "Baptiste"}, "primary": p.members["david"]})
	require.Equal(t, `You may not do this here: the permission "chart.create" is not one that your role has by itself. As the owner you can grant it to yourself.`,
		mine.refused(http.StatusForbidden, "permission_denied").Detail)
	closed := p.post("sam", p.path("/close"), object{"exportManifestHash": strings.Repeat("0", 64)})
	require.Equal(t, `You may not do this here: the permission "group.close" is the owner's alone. It cannot be delegated.`,
		closed.refused(http.StatusForbidden, "permission_denied").Detail)
}
