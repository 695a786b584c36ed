-- The licences of a practice and their money: what is owned and held, what was charged and why, what became of it, and who held which seat when for how much. Read model; rebuilt from the log at any time. All money is in minor units of the currency beside it; all days are those of the practice's billing zone.

create table subscription (
    group_id      uuid primary key,
    zone          text not null,
    currency      text not null,
    started_on    date not null,
    trial_on      date,
    trial_ends_at timestamptz,
    trial_over_on date,
    period_start  date,
    period_end    date,
    ends_on       date,
    ended         boolean not null default false
);

comment on table subscription is 'The subscription of a practice.';
comment on column subscription.group_id is 'The practice; every query names it.';
comment on column subscription.zone is 'The billing zone, in which days are counted.';
comment on column subscription.currency is 'The ISO 4217 code of all amounts.';
comment on column subscription.started_on is 'The day on which it started.';
comment on column subscription.trial_on is 'The day on which the trial started; null for none.';
comment on column subscription.trial_ends_at is 'The first instant that is not free (UTC); null for none.';
comment on column subscription.trial_over_on is 'The day on which the trial was over; null before, or without one.';
comment on column subscription.period_start is 'The first day of the present period; null before the first.';
comment on column subscription.period_end is 'The first day of the next period; null before the first.';
comment on column subscription.ends_on is 'The first day without it: of a cancellation that is scheduled, or that happened; null while it goes on.';
comment on column subscription.ended is 'Whether it ended.';

create table licence (
    licence_id   uuid    primary key,
    group_id     uuid    not null,
    revision     bigint  not null,
    place        integer not null,
    plan         text    not null,
    price        bigint  not null,
    currency     text    not null,
    discount_num bigint  not null,
    discount_den bigint  not null,
    proof_id     uuid,
    book         integer not null,
    detail       jsonb   not null,
    pending      boolean not null,
    charge_id    uuid,
    paid_from    date,
    paid_until   date,
    holder       uuid,
    invitation_id uuid,
    profession   text    not null default '',
    next_plan    text    not null default '',
    releasing    boolean not null default false,
    changes_on   date
);

create unique index licence_by_purchase on licence (group_id, revision, place);

comment on table licence is 'The licences that a practice owns now.';
comment on column licence.licence_id is 'The licence.';
comment on column licence.group_id is 'The practice; every query names it.';
comment on column licence.revision is 'Revision of the practice''s stream at which it was bought, which with place is the order of purchase.';
comment on column licence.place is 'Its place among those bought together.';
comment on column licence.plan is 'The plan that it is on.';
comment on column licence.price is 'The list price of one period, in minor units.';
comment on column licence.currency is 'The ISO 4217 code of the price.';
comment on column licence.discount_num is 'Numerator of the part of the price that is paid.';
comment on column licence.discount_den is 'Denominator of the part of the price that is paid.';
comment on column licence.proof_id is 'The proof of training behind the discount; null for the full price.';
comment on column licence.book is 'The version of the price book that the price comes from.';
comment on column licence.detail is 'Its terms as the last event about them has them, whole.';
comment on column licence.pending is 'Whether its purchase is unpaid, so that nobody can hold it.';
comment on column licence.charge_id is 'The charge of its purchase; null where nothing was due.';
comment on column licence.paid_from is 'First day of the period that it was last charged for; null before.';
comment on column licence.paid_until is 'First day after the period that it was last charged for; null before.';
comment on column licence.holder is 'The member who holds it; null for nobody.';
comment on column licence.invitation_id is 'The invitation that it is kept for; null for none.';
comment on column licence.profession is 'The profession of the one who is invited; empty for none.';
comment on column licence.next_plan is 'The plan from changes_on on, if another; empty otherwise.';
comment on column licence.releasing is 'Whether it ends on changes_on.';
comment on column licence.changes_on is 'The day on which what is scheduled for it happens; null for nothing.';

create table invitation (
    group_id      uuid        not null,
    invitation_id uuid        not null,
    expires_at    timestamptz not null,
    primary key (group_id, invitation_id)
);

comment on table invitation is 'The invitations that were not answered: a licence is kept for one until it expires, whether or not that was recorded.';
comment on column invitation.group_id is 'The practice.';
comment on column invitation.invitation_id is 'The invitation.';
comment on column invitation.expires_at is 'The first instant at which it no longer holds (UTC).';

create table proof (
    group_id    uuid    not null,
    proof_id    uuid    not null,
    member_id   uuid,
    kind        text    not null,
    programme   text    not null,
    valid_from  date    not null,
    valid_until date    not null,
    verified    boolean not null default false,
    expired     boolean not null default false,
    primary key (group_id, proof_id)
);

comment on table proof is 'The proofs of training that discounts rest on.';
comment on column proof.group_id is 'The practice.';
comment on column proof.proof_id is 'The proof.';
comment on column proof.member_id is 'The trainee; null for somebody who was not a member yet.';
comment on column proof.kind is 'non_prescriber or prescriber.';
comment on column proof.programme is 'The programme.';
comment on column proof.valid_from is 'The first day of validity.';
comment on column proof.valid_until is 'The last day of validity.';
comment on column proof.verified is 'Whether somebody else checked it.';
comment on column proof.expired is 'Whether its end was recorded.';

create table charge (
    charge_id    uuid   primary key,
    group_id     uuid   not null,
    revision     bigint not null,
    kind         text   not null check (kind in ('purchase', 'renewal')),
    on_date      date   not null,
    period_start date   not null,
    period_end   date   not null,
    status       text   not null default 'open' check (status in ('open', 'collecting', 'unpaid', 'paid', 'cancelled')),
    currency     text   not null,
    total        bigint not null,
    line_count   bigint not null
);

create unique index charge_by_opening on charge (group_id, revision);

comment on table charge is 'The charges of the subscription.';
comment on column charge.charge_id is 'The charge.';
comment on column charge.group_id is 'The practice; every query names it.';
comment on column charge.revision is 'Revision of the practice''s stream at which it was opened: the order of the list.';
comment on column charge.kind is 'purchase within a period, or renewal for a whole one.';
comment on column charge.on_date is 'The day on which it was opened.';
comment on column charge.period_start is 'The first day of its period.';
comment on column charge.period_end is 'The first day after its period.';
comment on column charge.status is 'How far its collection is.';
comment on column charge.currency is 'The ISO 4217 code of the total.';
comment on column charge.total is 'The sum of its lines with their taxes, in minor units; a cancelled charge keeps it.';
comment on column charge.line_count is 'How many lines it has.';

create table line (
    charge_id    uuid    not null,
    revision     bigint  not null,
    place        integer not null,
    group_id     uuid    not null,
    licence_id   uuid    not null,
    kind         text    not null,
    from_date    date    not null,
    period_start date    not null,
    period_end   date    not null,
    gross        bigint  not null,
    detail       jsonb   not null,
    primary key (charge_id, revision, place)
);

comment on table line is 'The lines of charges: one licence each, with everything its amount was made of.';
comment on column line.charge_id is 'The charge that it is on.';
comment on column line.revision is 'Revision of the practice''s stream that brought it, which with place is the order of lines.';
comment on column line.place is 'Its place among those of its event.';
comment on column line.group_id is 'The practice; every query names it.';
comment on column line.licence_id is 'The licence that it is about.';
comment on column line.kind is 'What it is for.';
comment on column line.from_date is 'The first day charged.';
comment on column line.period_start is 'The first day of the period that the days belong to.';
comment on column line.period_end is 'The first day after the last one charged.';
comment on column line.gross is 'The amount with its tax, in minor units; negative for credits.';
comment on column line.detail is 'The line as the event has it: plan, price, discount and proof, price book version, days of period days, amount and tax.';

create table movement (
    charge_id uuid   not null,
    revision  bigint not null,
    group_id  uuid   not null,
    kind      text   not null check (kind in ('asked', 'collected', 'failed', 'overtaken', 'cancelled', 'refund_due', 'refunded', 'refund_failed', 'credited')),
    amount    bigint not null default 0,
    on_date   date,
    at        timestamptz not null,
    attempt   integer not null default 0,
    refund_id uuid,
    reason    text   not null default '',
    mode      text   not null default '',
    detail    jsonb,
    primary key (charge_id, revision)
);

comment on table movement is 'What became of charges: one row per event of their money, in order.';
comment on column movement.charge_id is 'The charge.';
comment on column movement.revision is 'Revision of the practice''s stream: the order.';
comment on column movement.group_id is 'The practice; every query names it.';
comment on column movement.kind is 'asked of the processor, collected, failed, overtaken (a later attempt that brought nothing), cancelled; a refund that is due, went back or failed; or credited against what is due.';
comment on column movement.amount is 'The amount that it is about, in minor units of the charge''s currency; 0 where nothing moved.';
comment on column movement.on_date is 'The day of it; null where the event names none.';
comment on column movement.at is 'When it was recorded (UTC).';
comment on column movement.attempt is 'The attempt at collecting it that this is about; 0 for none.';
comment on column movement.refund_id is 'The refund that it is about; null for none.';
comment on column movement.reason is 'The processor''s code of a failure, or why money goes back; empty otherwise.';
comment on column movement.mode is 'Whether money really moved: live, test or simulated; empty where it does not matter or is not known.';
comment on column movement.detail is 'The line of the credit, where the event has one.';

create table seat (
    licence_id   uuid    not null,
    from_date    date    not null,
    until_date   date,
    group_id     uuid    not null,
    holder       uuid,
    pending      boolean not null,
    plan         text    not null,
    detail       jsonb   not null,
    primary key (licence_id, from_date)
);

comment on table seat is 'The seat ledger: one unbroken time of one licence with one holder on one set of terms (BIL-F9). What its days cost follows from the lines that cover them.';
comment on column seat.licence_id is 'The licence, owned or given up since.';
comment on column seat.from_date is 'The first day.';
comment on column seat.until_date is 'The first day after the last; null while it lasts.';
comment on column seat.group_id is 'The practice; every query names it.';
comment on column seat.holder is 'Who held it; null for nobody.';
comment on column seat.pending is 'Whether its purchase was unpaid.';
comment on column seat.plan is 'The plan that it was on.';
comment on column seat.detail is 'The terms: plan, price, discount and proof, price book version.';

-- +indexes
create index line_by_licence on line (licence_id, period_start);
create index seat_by_time on seat (group_id, from_date, until_date);
