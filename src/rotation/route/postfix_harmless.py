"""The settings of Postfix's that cannot divert, discard or rewrite the recipients of mail.

Source: postconf(5). Everything else that is set, and that nothing here follows, is a doubt.
"""

from __future__ import annotations

import re

from rotation.route.doubts import LEAST_SIZE

_DIVERT = re.compile(
    r"\w*(delivery_status_filter|service_name|generic_maps|fallback_relay|reply_filter|_milters|"
    r"milter_maps|proxy_filter|command_filter|restrictions|restriction_classes|header_checks|"
    r"body_checks|bcc_maps|always_bcc|tcp_port|host_lookup)"
    r"|daemon_directory|receive_override_options|authorized_submit_users|local_login_sender_maps"
    r"|strict_(7bit_headers|8bitmime|8bitmime_body|mime_encoding_domain)|message_reject_characters"
    r"|frozen_delivered_to|prepend_delivered_header|fault_injection_code"
)
"""What is not harmless although a name below would say so."""
_HARMLESS = re.compile(
    # servers that take mail, and clients that hand it on: refusing, connecting, encrypting
    r"(smtpd|smtp|lmtp|postscreen|qmqpd|tls|tlsmgr|tlsproxy|anvil|dnsblog|milter|address_verify)_\w+"
    # limits, times, sizes, counts, codes
    r"|[\w-]+_(time|timeout|limit|lifetime|ttl|delay|interval|size|count|depth|code|codes|level)"
    r"|[\w-]+_(cost|discount|loan|slots|feedback|concurrency|attempts|idle|use|backoff_time)"
    r"|\w+_time_limit|max_idle|max_use|ipc_\w+|fork_\w+|in_flow_delay|stress|hash_queue_\w+"
    r"|qmgr_\w+|queue_(minfree|run_delay|file_attribute_count_limit)|trigger_timeout"
    # names, places, logs, rights
    r"|\w+_directory|(mailq|newaliases|sendmail)_path|cyrus_sasl_config_path|mail_(name|version|owner)"
    r"|mail_release_date|setgid_group|default_privs|syslog_\w+|maillog_\w+|debug\w*|multi_instance_\w+"
    r"|alternate_config_directories|alias_database|default_database_type|\w+_environment"
    r"|compatibility_level|\w+_db_\w+|non_bdb_\w+|biff|dont_remove|helpful_warnings|respectful_logging"
    r"|info_log_address_format|delay_logging_\w+|openssl_path|process_\w+|shlib_directory|authorized_\w+"
    # the network, who may relay, what is refused
    r"|inet_(interfaces|protocols)|proxy_interfaces|mynetworks(_style)?|ignore_mx_lookup_error"
    r"|disable_\w+|\w+_(code|action|reason)|relay_(clientcerts|recipient_maps)|local_recipient_maps"
    r"|permit_mx_backup_networks|parent_domain_matches_subdomains|maps_rbl_\w+|rbl_reply_maps"
    r"|default_rbl_reply|broken_sasl_auth_clients|send_cyrus_sasl_authzid|known_tcp_ports"
    r"|fast_flush_\w+|show_user_unknown_table_name|unverified_\w+|reject_tempfail_action"
    r"|proxy_(read|write)_maps|access_map_\w+|dns_ncache_\w+|dnssec_probe|double_bounce_sender"
    # bounces and notices, senders, headers, the text of mail
    r"|(2bounce|bounce|delay|error)_notice_recipient|notify_classes|bounce_template_file|soft_bounce"
    r"|sender_canonical_(maps|classes)|local_login_sender_maps|empty_address_\w+_lookup_key"
    r"|backwards_bounce_\w+|confirm_delay_cleared|enable_\w+|smtputf8_\w+|strict_\w+|mime_\w+"
    r"|always_add_missing_headers|undisclosed_recipients_header|header_from_format|message_\w+"
    r"|header_address_token_limit|detect_8bit_encoding_header|local_header_rewrite_clients"
    r"|remote_header_rewrite_domain|sendmail_fix_line_endings|cleanup_replace_stray_\w+"
    r"|nested_header_checks_size|default_verp_delimiters|verp_delimiter_filter|disable_verp_bounces"
    # how a local mailbox is locked and by whom it is owned, how a command is run
    r"|mailbox_delivery_lock|deliver_lock_\w+|stale_lock_time|command_execution_directory"
    r"|\w+_expansion_filter|prepend_delivered_header|frozen_delivered_to|reset_owner_alias"
    r"|virtual_(uid_maps|gid_maps|mailbox_base|mailbox_lock|minimum_uid)|default_filter_nexthop"
)

_LEAST = {
    "hopcount_limit": 20, "virtual_alias_expansion_limit": 100,
    "virtual_alias_recursion_limit": 100, "virtual_alias_address_length_limit": 250,
    "message_size_limit": LEAST_SIZE, "mailbox_size_limit": LEAST_SIZE,
    "virtual_mailbox_limit": LEAST_SIZE,
}  # fmt: skip
"""The lowest that limits may be before they refuse ordinary mail, or put it off for good."""


def tight(name: str, value: str) -> bool:
    """Whether a limit is so low that it refuses ordinary mail."""
    least = _LEAST.get(name)
    if least is None or (value == "0" and name.endswith(("size_limit", "mailbox_limit"))):
        return False
    return not value.isdigit() or int(value) < least


def harmless(name: str) -> bool:
    """Whether a setting cannot change where mail goes, whatever its value."""
    return not _DIVERT.fullmatch(name) and bool(_HARMLESS.fullmatch(name))
