-- Patient billing: the group's history, balances and invoices, of every ledger of a patient with a clinician. Read model; rebuilt from the log at any time. All money is in minor units of the currency beside it.
-- personal data: entry.code entry.description entry.reason entry.payer invoice.void_reason

create table entry (
    event_id       uuid        primary key,
    group_id       uuid        not null,
    chart_id       uuid        not null,
    clinician_id   uuid        not null,
    kind           text        not null check (kind in ('charge', 'charge_void', 'invoice_issued', 'invoice_void', 'payment', 'application', 'unapplication')),
    effective_date date        not null,
    recorded_at    timestamptz not null,
    code           text        not null default '',
    description    text        not null default '',
    reason         text        not null default '',
    method         text        not null default '',
    payer          text        not null default '',
    reference      text        not null default '',
    currency       text        not null,
    amount         bigint      not null check (amount >= 0),
    debit          bigint      not null check (debit in (0, amount)),
    credit         bigint      not null check (credit in (0, amount)),
    charge_id      uuid,
    invoice_id     uuid,
    number         text        not null default '',
    payment_id     uuid,
    corrects       uuid,
    actor          text        not null,
    command_id     uuid,
    position       bigint      not null,
    prepare        bigint      not null
);

comment on table entry is 'The billing history of the whole group: one row per fact (BIL-16).';
comment on column entry.event_id is 'The event that is the fact.';
comment on column entry.group_id is 'The practice; every query names it.';
comment on column entry.chart_id is 'The patient''s chart.';
comment on column entry.clinician_id is 'The clinician whose money it is (a member id).';
comment on column entry.kind is 'What happened.';
comment on column entry.effective_date is 'The civil day on which it takes effect.';
comment on column entry.recorded_at is 'When it was recorded (UTC); later than the effective day for what was entered late.';
comment on column entry.code is 'The service code of a charge; says something clinical. Empty for other kinds.';
comment on column entry.description is 'What a charge is for; personal data. Empty for other kinds.';
comment on column entry.reason is 'Why something was voided; personal data. Empty for other kinds.';
comment on column entry.method is 'How a payment was received. Empty for other kinds.';
comment on column entry.payer is 'Who paid, if not the patient; personal data. Empty for other kinds.';
comment on column entry.reference is 'The check''s, transfer''s or processor''s number of a payment. Empty for other kinds.';
comment on column entry.currency is 'The ISO 4217 code of the amounts.';
comment on column entry.amount is 'The amount that the fact is about, in minor units.';
comment on column entry.debit is 'By how much it raises what the patient owes in all, in minor units.';
comment on column entry.credit is 'By how much it lowers what the patient owes in all, in minor units. Issuing, voiding and settling invoices only move money, so both are 0.';
comment on column entry.charge_id is 'The charge that it is about; null for none.';
comment on column entry.invoice_id is 'The invoice that it is about; null for none.';
comment on column entry.number is 'The number of that invoice; empty for none.';
comment on column entry.payment_id is 'The payment that it is about; null for none.';
comment on column entry.corrects is 'The charge, invoice or payment that it takes back, in whole or in part; null if it corrects nothing.';
comment on column entry.actor is 'Who recorded it, such as member:<id>.';
comment on column entry.command_id is 'The command that decided it; null if the log names none.';
comment on column entry.position is 'Commit position in the log: what was recorded later stands higher.';
comment on column entry.prepare is 'Prepare position in the log, which orders what was recorded together.';

-- Sums are numeric, so that no log can make them overflow and stop the read model of
-- every practice. A ledger whose sums are beyond 2^53 − 1 is left out of balances, and
-- named there.
create table ledger (
    group_id     uuid   not null,
    chart_id     uuid   not null,
    clinician_id uuid   not null,
    currency     text   not null,
    charged      numeric(38) not null,
    received     numeric(38) not null,
    outstanding  numeric(38) not null,
    unapplied    numeric(38) not null,
    uninvoiced   numeric(38) not null,
    in_range     boolean generated always as (greatest(abs(charged), abs(received), abs(outstanding), abs(unapplied), abs(uninvoiced)) <= 9007199254740991) stored,
    revision     bigint not null,
    primary key (group_id, chart_id, clinician_id),
    constraint money_is_conserved check (charged - received = outstanding + uninvoiced - unapplied)
);

comment on table ledger is 'The running totals of one patient with one clinician. What is owed, waiting to be invoiced and credit are never netted here (BIL-15).';
comment on column ledger.group_id is 'The practice; every query names it.';
comment on column ledger.chart_id is 'The patient''s chart.';
comment on column ledger.clinician_id is 'The clinician (a member id).';
comment on column ledger.currency is 'The ISO 4217 code of the amounts.';
comment on column ledger.charged is 'The sum of the charges that are not void, in minor units.';
comment on column ledger.received is 'The sum of the payments, in minor units.';
comment on column ledger.outstanding is 'What is owed on issued invoices, in minor units.';
comment on column ledger.unapplied is 'What of the payments settles nothing, in minor units: credit.';
comment on column ledger.uninvoiced is 'The sum of the charges on no issued invoice, in minor units; those on drafts count here.';
comment on column ledger.in_range is 'Whether every sum is at most 2^53 − 1, so that balances count it.';
comment on column ledger.revision is 'Revision of the ledger''s stream that the totals reflect.';

create table total (
    group_id     uuid        not null,
    clinician_id uuid        not null,
    currency     text        not null,
    charged      numeric(38) not null,
    received     numeric(38) not null,
    outstanding  numeric(38) not null,
    unapplied    numeric(38) not null,
    owed         numeric(38) not null,
    primary key (group_id, clinician_id, currency)
);

comment on table total is 'What the ledgers of a clinician add up to, so that the balance of a practice need not add up 100,000 of them. Ledgers that are out of range are no part of it.';
comment on column total.group_id is 'The practice; every query names it.';
comment on column total.clinician_id is 'The clinician (a member id).';
comment on column total.currency is 'The ISO 4217 code of the amounts.';
comment on column total.charged is 'The sum of the charges that are not void, in minor units.';
comment on column total.received is 'The sum of the payments, in minor units.';
comment on column total.outstanding is 'What is owed on issued invoices, in minor units.';
comment on column total.unapplied is 'What of the payments settles nothing, in minor units: credit.';
comment on column total.owed is 'The sum of the balances of the ledgers on which the patient owes the clinician, in minor units.';

create table invoice (
    group_id     uuid        not null,
    chart_id     uuid        not null,
    clinician_id uuid        not null,
    invoice_id   uuid        not null,
    stage        text        not null check (stage in ('draft', 'discarded', 'open', 'void')),
    sequence     bigint,
    number       text        not null default '',
    number_parts tsvector    not null default '',
    version      integer     not null default 0,
    invoice_date date        not null,
    terms        text        not null,
    due_date     date,
    charges      uuid[]      not null,
    currency     text        not null,
    total        bigint      not null check (total >= 0),
    applied      bigint      not null default 0 check (applied between 0 and total),
    balance      bigint      generated always as (case when stage = 'open' then total - applied else 0 end) stored,
    settlement   text        generated always as (case when stage <> 'open' then null when applied = total then 'paid' when applied > 0 then 'partial' else 'unpaid' end) stored,
    issued_at    timestamptz,
    voided_on    date,
    void_reason  text        not null default '',
    changed_at   timestamptz not null,
    revision     bigint      not null,
    primary key (group_id, chart_id, clinician_id, invoice_id)
);

comment on table invoice is 'The invoice tracker: one row per invoice or draft, for a chart and for the practice (BIL-20). Whether an invoice is overdue depends on the practice''s present day, so it is computed when asked and never kept (BIL-A13).';
comment on column invoice.group_id is 'The practice; every query names it.';
comment on column invoice.chart_id is 'The patient''s chart.';
comment on column invoice.clinician_id is 'The clinician whose invoice it is (a member id).';
comment on column invoice.invoice_id is 'The invoice, named within its ledger.';
comment on column invoice.stage is 'draft, discarded, open (issued) or void.';
comment on column invoice.sequence is 'Place in the clinician''s series of numbers; null before issue.';
comment on column invoice.number is 'The number that people read; empty before issue, kept ever after.';
comment on column invoice.number_parts is 'What the number can be found by: every one to three characters in a row of it.';
comment on column invoice.version is 'Counts the versions that were issued; 0 for a draft.';
comment on column invoice.invoice_date is 'The date of the invoice, a civil day.';
comment on column invoice.terms is 'The payment terms in one word, such as net_30.';
comment on column invoice.due_date is 'The last civil day on which it is not overdue; null for terms without one.';
comment on column invoice.charges is 'The charges that it was made of, in its order.';
comment on column invoice.currency is 'The ISO 4217 code of the amounts.';
comment on column invoice.total is 'The sum of its charges, in minor units.';
comment on column invoice.applied is 'What of payments settles it, in minor units.';
comment on column invoice.balance is 'What is owed on it, in minor units: nothing before issue or once void.';
comment on column invoice.settlement is 'unpaid, partial or paid while it is issued, one of the two axes of its status (BIL-A12); null otherwise.';
comment on column invoice.issued_at is 'When its first version was recorded (UTC); null before issue.';
comment on column invoice.voided_on is 'The civil day on which it became void; null unless void.';
comment on column invoice.void_reason is 'Why it is void; personal data.';
comment on column invoice.changed_at is 'When its last event was recorded (UTC).';
comment on column invoice.revision is 'Revision of the ledger''s stream at its last event.';

-- +indexes
create index entry_by_group on entry (group_id, effective_date desc, position desc, prepare desc);
create index entry_by_clinician on entry (group_id, clinician_id, effective_date desc, position desc, prepare desc);
create index entry_by_chart on entry (group_id, chart_id, effective_date desc, position desc, prepare desc);
create index ledger_by_clinician on ledger (group_id, clinician_id);
create index ledger_left_out on ledger (group_id, clinician_id) where not in_range;
create index invoice_by_due_date on invoice
    (group_id, (coalesce(due_date, 'infinity'::date)), (coalesce(sequence, 9223372036854775807)), clinician_id, chart_id, invoice_id);
create index invoice_by_clinician on invoice (group_id, clinician_id, due_date);
create index entry_by_kind on entry (group_id, kind);
-- What most invoices end as is found soon enough by due date; the rest is kept apart, in the order of the list.
create index invoice_by_stage on invoice
    (group_id, stage, (coalesce(due_date, 'infinity'::date)), (coalesce(sequence, 9223372036854775807)), clinician_id, chart_id, invoice_id) where stage <> 'open';
create index invoice_by_settlement on invoice
    (group_id, settlement, (coalesce(due_date, 'infinity'::date)), (coalesce(sequence, 9223372036854775807)), clinician_id, chart_id, invoice_id) where settlement <> 'paid';
create index invoice_by_number on invoice (group_id, number);
create index invoice_by_part on invoice using gin (number_parts);
