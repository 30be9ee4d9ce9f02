"""What mails where on this host: every mailing tool, cron and the local accounts."""
