"""Recipients of e-mails about answers and actions: the people whose words are in an argument."""

from __future__ import annotations

from consult.core.web.addresses import public_url
from consult.submissions import service as submissions
from consult.submissions.model import Submission

HOUR = 7
"""Hour at which e-mails are sent, in the consultation's time zone."""
CHUNK = 250
PEOPLE_OF_ARGUMENTS = """
    FROM (
        SELECT consultation_id, text_hash, argument_id FROM readable_claim WHERE argument_id = ANY(:arguments)
        UNION SELECT k.consultation_id, g.text_hash, k.argument_id FROM readable_claim k
            JOIN readable_text_group g ON g.campaign_id = k.campaign_id
            WHERE k.argument_id = ANY(:arguments) AND k.campaign_id IS NOT NULL
    ) AS k
    JOIN readable_submission s ON s.consultation_id = k.consultation_id AND s.text_hash = k.text_hash
        AND s.state = 'published'
    LEFT JOIN readable_contact c ON c.id = s.contact_id
    LEFT JOIN readable_account a ON a.id = s.account_id
    WHERE coalesce(c.email_index, a.email_index) IS NOT NULL
    GROUP BY coalesce(c.email_index, a.email_index)
    """
"""SQL that selects one row for each address with published words in one of `:arguments`. Follows a SELECT of k, s, c,
a.
"""


def get_story_url(submission: Submission) -> str:
    """Return the URL of the submission's status page: the author's private one, else the public one."""
    if submission.salt is None:
        return public_url("trace.public", reference=submission.reference)
    return public_url("trace.story", reference=submission.reference, secret=submissions.author_secret(submission))
