package httpapi_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asked is what an operation's permission is asked for, so that the explainer can be
// asked the same.
type asked struct {
	// permission is what the operation needs; empty where no permission decides, and
	// then why says what does.
	permission, why string
	// of is what it is about: the practice, some of it ("any": how far the answer
	// reaches), the chart, Carla's ledger of the chart, Carla's calendar, an appointment
	// in it, or the member of the path (Carla or, by name, another one).
	of string
}

// explained has an entry for every operation of the document: those that give commands
// follow from the declarations, queries are written down.
func explained() map[string]asked {
	all := map[string]asked{}
	// What gives a command is asked for the permission of its declaration, and mostly for
	// the thing that the command is on.
	things := map[string]string{"chart": "chart", "invoice": "ledger", "booking_calendar": "calendar", "household": "carla"}
	for operation, c := range declaredCommands() {
		aggregate, _, _ := strings.Cut(c.Name, ".")
		all[operation] = asked{permission: string(c.Needs), of: cmp.Or(things[aggregate], "practice")}
	}
	of := func(thing string, operations ...string) {
		for _, o := range operations {
			all[o] = asked{permission: all[o].permission, of: thing}
		}
	}
	of("carla", "createChart")
	of("chart", "startBulk")
	of("emma", "setClinicianBranches")
	of("ledger", "bookAppointment", "rescheduleAppointment", "cancelAppointment")
	of("calendar", "chooseInvoicePrefix", "setClinicianZone")
	query := func(permission, of string, operations ...string) {
		for _, o := range operations {
			all[o] = asked{permission: permission, of: of}
		}
	}
	none := func(why string, operations ...string) {
		for _, o := range operations {
			all[o] = asked{why: why}
		}
	}
	none("the operation is its starter's", "getBulk", "cancelBulk", "undoBulk")
	none("it is about no practice", "health", "readiness", "metrics", "openapi", "me", "listMyCharts", "forgetContact", "createGroup", "getPriceBook")
	none("it is for operators and machines", "publishPrices", "convertSoloToGroup", "receiveCardMessage")
	none("it is an answer to what was given to the account", "acceptInvitation", "declineInvitation", "acceptPatientInvitation", "acceptOwnership",
		"cancelOwnershipOffer", "claimSuccession", "withdrawSuccession")
	none("it is for patients", "portalListAppointments", "portalBookAppointment", "portalRescheduleAppointment", "portalCancelAppointment", "portalGetAppointment",
		"portalAccessReport", "portalConfirmHouseholdTransfer")

	none("it is between the owner and whom it is about", "getOwnershipOffer", "getSuccessor")

	query("group.info.view", "practice", "getGroup", "getBranch", "getBookingPolicy", "listAppointmentTypes", "listCancellationPolicies",
		"getCancellationPolicy", "getAppointmentType")
	query("permission.view", "any", "listPermissions")
	query("appointment.manage", "chart", "listPatientAccess", "getPatientInvitation")
	query("permission.view", "member", "getMemberPermissions", "explainAccess")
	query("member.view", "any", "listMembers", "getMember", "getMemberRemoval")
	query("member.invite", "any", "listInvitations", "getInvitation")
	query("audit.history.view", "practice", "auditHistory", "whoCouldAndDid")
	query("audit.history.view", "any", "listChartAccess")
	query("access_log.view", "any", "listAccessLog")
	query("team.view", "chart", "getCareTeam")
	query("roster.view", "any", "listCharts", "listDuplicates")
	query("chart.restrict", "chart", "getChartGuard")
	query("break_glass.review", "any", "listBreakGlass", "getBreakGlass")
	query("roster.view", "chart", "getChart", "listContacts", "getContact", "getMerge")
	query("roster.export", "any", "exportRoster")
	query("team.view", "any", "listHouseholds")
	query("team.view", "carla", "getHousehold", "getHouseholdPerson", "getHouseholdSummary", "getHouseholdSummaryDocument")
	query("chart.assign_clinician", "any", "listFormerCharts")
	query("patient_billing.view", "calendar", "getInvoicePrefix")
	query("patient_billing.view", "ledger", "getCharge", "getInvoice", "getPayment")
	query("patient_billing.view", "any", "billingHistory", "billingBalance", "listInvoices")
	query("calendar.reserve", "calendar", "listReserves", "getReserve", "listBlocks", "getBlock", "getClinicianZone")
	query("slots.view", "calendar", "listSlots")
	query("slots.view", "ledger", "portalListTypes", "portalListSlots", "portalListMoves")
	query("appointment.manage", "calendar", "getAppointment")
	query("appointment.manage", "any", "listAppointments")
	query("subscription.view", "practice", "getSubscription", "getSubscriptionCharge", "getLicence", "getTraineeProof", "quoteSubscription",
		"quoteLicences", "quotePlanChange")
	query("subscription.view", "any", "listSubscriptionCharges", "seatLedger", "listLicences")
	return all
}

// requireExplained asks the owner's explainer the question that an operation asked
// the gate, and holds the two answers to each other.
func (s *scene) requireExplained(t *testing.T, q asked, subject string, allowed bool) {
	t.Helper()
	if q.permission == "" {
		return
	}
	member := s.members[subject]
	if q.of == "any" {
		var held struct {
			Permissions []struct {
				Capability string
				Allowed    bool
			}
		}
		s.get("olivia", s.path("/members/", member, "/permissions")).into(&held)
		for _, p := range held.Permissions {
			if p.Capability == q.permission {
				require.Equal(t, allowed, p.Allowed, "%s: the permissions of %s say something else", q.permission, subject)
				return
			}
		}
		require.Fail(t, "the permissions lack "+q.permission)
	}
	query := "?capability=" + q.permission + "&member=" + member
	switch q.of {
	case "practice":
	case "chart":
		query += "&chart=" + s.ids["chart"]
	case "ledger":
		query += "&chart=" + s.ids["chart"] + "&clinician=" + s.members["carla"]
	case "calendar", "member":
		query += "&clinician=" + s.members["carla"]
	default:
		query += "&clinician=" + s.members[q.of]
	}
	var answer struct {
		Members []struct {
			Allowed bool
			Rule    string
		}
	}
	s.get("olivia", s.path("/access/explain", query)).into(&answer)
	require.Len(t, answer.Members, 1)
	require.Equal(t, allowed, answer.Members[0].Allowed, "%s of %s for %s: the explainer says %s", q.permission, q.of, subject, answer.Members[0].Rule)
}
