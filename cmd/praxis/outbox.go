package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"praxis/adapters/mail"
	"praxis/commands/notification"
	"praxis/commands/processes"
)

// mailDir is where mails become files.
func (i *installation) mailDir() string { return filepath.Join(i.config.DataDir, "mail") }

// outbox is where commands and processes leave what people are told, without what sends it.
func (i *installation) outbox() mail.Outbox {
	link := notification.Link{Template: i.config.InvitationLink, IsPage: true}
	if link.Template == "" {
		link = notification.Link{Template: i.config.BaseURL() + "/v1/groups/{group}/invitations/{invitation}/accept"}
	}
	return mail.Outbox{Pool: i.pool, Clock: now, Contacts: i.contacts, Link: link, Logger: i.logger}
}

// openOutbox makes the outbox of a server and says where its mails go.
func (i *installation) openOutbox() (mail.Outbox, error) {
	o := i.outbox()
	if !i.config.SendsMail() {
		o.Sender = mail.FileSender{Dir: i.mailDir(), From: i.config.SMTPFrom}
		// A file is written in no time, and twice is the same as once.
		o.Lease = 15 * time.Second
		i.logger.Info("mails are not sent: they become files", "directory", i.mailDir())
		return o, nil
	}
	sender, err := mail.NewSMTPSender(mail.SMTPConfig{
		Address: i.config.SMTPAddress, Username: i.config.SMTPUsername, Password: i.config.SMTPPassword.Reveal(), From: i.config.SMTPFrom,
	})
	if err != nil {
		return o, fmt.Errorf("PRAXIS_SMTP_ADDRESS: %w", err)
	}
	o.Sender = sender
	i.logger.Info("mails leave through a mail server", "server", i.config.SMTPAddress)
	return o, nil
}

// sweeper looks after what stays held in the outbox.
func (i *installation) sweeper() processes.Sweeper {
	return processes.Sweeper{Engine: i.engine, Outbox: i.outbox(), Logger: i.logger}
}

// watchOutbox tells the metrics how the outbox stands. A mail server that is away
// does not make Praxis unready: it shows here and in praxis mail status.
func (i *installation) watchOutbox(ctx context.Context, o mail.Outbox) error {
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		if s, err := o.Status(ctx); err == nil {
			i.metrics.SetOutbox(s.Held, s.Queued+s.Sending, s.Failed, s.Oldest)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// whereMailsAre tells somebody who tries Praxis out where its mails go.
func (i *installation) whereMailsAre() string {
	if i.config.SendsMail() {
		return "Mails leave through " + i.config.SMTPAddress + "."
	}
	return "Mails that would be sent are the .eml files in " + i.mailDir() + "."
}
