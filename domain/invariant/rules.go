package invariant

// Rule names an invariant: stable, in snake_case, and safe as a label of a metric.
type Rule string

// The invariants of the log itself.
const (
	EventIDRepeated Rule = "event_id_repeated"
	RevisionGap     Rule = "revision_gap"
	StreamDeleted   Rule = "stream_deleted"
	StreamTruncated Rule = "stream_truncated"
	EventUnreadable Rule = "event_unreadable"
	EventMisplaced  Rule = "event_misplaced"
	CauseMissing    Rule = "cause_missing"
	AfterClosing    Rule = "after_closing"
)

// The invariants of a practice, its people and its licences.
const (
	OneOwner         Rule = "one_owner"
	MemberClaim      Rule = "member_claim"
	ClaimStray       Rule = "claim_stray"
	LicenceHolder    Rule = "licence_holder"
	ClinicianLicence Rule = "clinician_licence"
	LicenceOversold  Rule = "licence_oversold"
	RemovalStuck     Rule = "removal_stuck"
	BranchStuck      Rule = "branch_closing_stuck"
	RelinkingStuck   Rule = "relinking_stuck"
	SuccessionStuck  Rule = "succession_stuck"
)

// The invariants of money.
const (
	ChargeTotal      Rule = "charge_total"
	PeriodTwice      Rule = "period_charged_twice"
	PeriodUncharged  Rule = "period_uncharged"
	ChargeMoney      Rule = "charge_money"
	LedgerAllocation Rule = "ledger_allocation"
	SumOutOfRange    Rule = "sum_out_of_range"
	NumberSeries     Rule = "number_series"
	NumberUnissued   Rule = "number_unissued"
)

// The invariants of charts and calendars.
const (
	ChartPrimary         Rule = "chart_primary"
	ChartTeam            Rule = "chart_team"
	ChartBranch          Rule = "chart_branch"
	DoubleBooking        Rule = "double_booking"
	PatientDoubleBooked  Rule = "patient_double_booked"
	AppointmentClinician Rule = "appointment_clinician"
)

// Explanation says what a rule demands and what to do where it is broken.
type Explanation struct {
	Rule Rule `json:"rule"`
	// Says is the invariant, in one sentence.
	Says string `json:"says"`
	// Mend is the command or the process that mends a violation, or why none does.
	Mend string `json:"mend"`
	// Sweep reports that the process sweep looks for it once a day by itself; the
	// others are found by reading the whole log.
	Sweep bool `json:"sweep"`
}

const (
	swept       = true
	tampered    = "No command of Praxis leads here: compare the log with a backup, and find out who wrote to the store."
	reportIt    = "No command of Praxis should lead here: report it with this finding; the log stays as it is."
	cannotUndo  = "It stands in the log and cannot be undone. It was decided in the instant in which the practice closed; keep the finding with the closing's papers."
	bySweep     = "The process sweep mends it by itself"
	reissueNote = "The process invoice_numbers finishes what broke off after ten minutes; `praxis processes refusals invoice_numbers` says what it could not. Else issue the draft, or discard it (again): both fill or free the number."
)

// Rules returns every rule, in the order in which a report lists them.
func Rules() []Explanation {
	return []Explanation{
		{EventIDRepeated, "The id of an event is used once in the whole log.", tampered, false},
		{RevisionGap, "The revisions of a stream count from 0 without gaps.", tampered, swept},
		{StreamDeleted, "No stream is ever deleted.", "Somebody deleted it with the tools of the event store. Commands on it are refused; read models keep what they have until they are rebuilt after a scavenge. Restore the event store from a backup.", false},
		{StreamTruncated, "Every stream can be read from its beginning.", "Somebody cut its beginning off with the tools of the event store. Commands on it are refused. Before the server is scavenged, taking $tb, $maxCount and $maxAge out of the stream's metadata gives it back; after that, restore the event store from a backup.", false},
		{EventUnreadable, "Every event can be read by this release.", "Install the release that wrote it, or a newer one.", swept},
		{EventMisplaced, "An event lies in a stream of its own kind and practice.", tampered, swept},
		{CauseMissing, "Every event says who caused it, by which command, and as part of what.", reportIt, swept},
		{AfterClosing, "Nothing follows the end of a practice but the outcomes of its money.", cannotUndo, false},
		{OneOwner, "A practice has exactly one active owner.", reportIt, swept},
		{MemberClaim, "The account of every active member is claimed for that membership.", "Have the member removed and reinstated: that claims the account anew, or says which practice has it.", swept},
		{ClaimStray, "No account is claimed, for longer than an hour, for a practice that does not have it as a member.", bySweep + ", an hour after the claim or the end of the membership.", swept},
		{LicenceHolder, "The holder of a licence is an active clinician.", "group.unassign_licence, or make the holder a clinician again.", swept},
		{ClinicianLicence, "Once subscribed, every active clinician holds exactly one licence.", "group.assign_licence gives one; group.unassign_licence takes the second.", swept},
		{LicenceOversold, "Licences are given and kept only as far as they are owned and paid.", reportIt, swept},
		{RemovalStuck, "A removal goes on every day until every chart has moved.", "`praxis processes refusals removals` says what holds it up; group.replan_member_removal names others.", swept},
		{BranchStuck, "The closing of a branch goes on every day until every chart has moved.", "`praxis processes refusals branches` says what holds it up.", swept},
		{RelinkingStuck, "The charts of a member who came back are given to them, or named as staying, within a day.", "`praxis processes status` says whether the process relinking runs.", swept},
		{SuccessionStuck, "A claim of the successor is fulfilled within a day of falling due, if nothing ended it.", "`praxis processes status` says whether the process succession runs.", swept},
		{ChargeTotal, "The total of a charge is the sum of its lines with their taxes, less its credits.", reportIt, swept},
		{PeriodTwice, "A period is charged once per licence.", "Give the money back at the card processor, and report it.", swept},
		{PeriodUncharged, "Every licence that is owned and active is charged for the present period.", "`praxis processes status` says whether the process subscription runs; else report it.", swept},
		{ChargeMoney, "What was collected for a charge is what it is worth and what goes back.", "Compare the charge with the card processor and give back what is too much.", swept},
		{LedgerAllocation, "What is applied is at most what was paid, and at most what the invoice is over.", reportIt, false},
		{SumOutOfRange, "The sum of a ledger or a charge is exact: it is at most 2^53 − 1 of the smallest unit.", "invoice.void the invoices and invoice.void_charge the charges that are wrong; until then the ledger is left out of the practice's balance. A payment cannot be reversed yet.", swept},
		{NumberSeries, "The numbers of a series have no gaps, and each is given and issued once.", reportIt, false},
		{NumberUnissued, "A number is kept for a draft for no longer than a day.", reissueNote, false},
		{ChartPrimary, "The primary of every chart is an active clinician, or the chart is in custody of an active member.", bySweep + " where a completed removal has a plan whose clinician can take the chart; else chart.assign_clinician, or group.start_member_removal for the member who left.", swept},
		{ChartTeam, "A member is on the care team of a chart once.", reportIt, false},
		{ChartBranch, "Every chart belongs to an open branch.", bySweep + " where the branch was closed; else chart.assign_branch.", swept},
		{DoubleBooking, "Two appointments of one clinician overlap only where somebody said why.", "booking_calendar.reschedule or booking_calendar.cancel one of them.", false},
		{PatientDoubleBooked, "No coming appointment was booked online while the patient had another at that time, with another clinician.", "Ask the patient, and booking_calendar.reschedule or booking_calendar.cancel one of them.", swept},
		{AppointmentClinician, "The clinician of an appointment was an active one when it was agreed.", "booking_calendar.cancel it, and book with another clinician.", false},
	}
}
