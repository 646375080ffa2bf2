"""Reasons to refuse or hold a file, and kinds of removed data: codes, and the sentences people read."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import N_

REASONS: dict[str, Any] = {
    "empty": N_("This file is empty. Choose another one."),
    "large": N_("This file is larger than 25 MB. Make it smaller, or divide it."),
    "kind": N_(
        "We cannot accept this type of file. Save it as PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), "
        "CSV, plain text, JPEG, PNG, WebP or GIF."
    ),
    "old_office": N_("This is a file of an old Office program. Save it as .docx, .xlsx or PDF, then choose it."),
    "name": N_("The ending of this file's name does not fit what is in it. Save it again under the right ending."),
    "double": N_("This file is of two kinds at once, as harmful files are. Save it again in one format."),
    "virus": N_("A known virus was found in this file. Clean your device, then save the file again."),
    "password": N_("This file is protected by a password. Save it without one."),
    "macros": N_("This file holds macros or scripts. Save it without them, or as PDF."),
    "unpacks": N_("This file unpacks to more than we can open safely. Divide it, or save it in a simpler format."),
    "members": N_("This file is made of too many parts. Divide it, or save it in a simpler format."),
    "pixels": N_("This picture has too many pixels. Make it smaller than 40 megapixels."),
    "pages": N_("This document has more than 2,000 pages. Divide it."),
    "heavy": N_("This file unpacks to more than we can open safely. Divide it, or save it in a simpler format."),
    "slow": N_("This file takes too long to read. Divide it, or save it in a simpler format."),
    "broken": N_("This file is damaged or incomplete. Save it again and upload the new file."),
    "unchecked": N_("This file could not be checked for viruses yet. It is tried again by itself; nothing is lost."),
}

REMOVED: dict[str, Any] = {
    "author": N_("names of authors"),
    "times": N_("times of writing and changing"),
    "program": N_("the program it was made with"),
    "title": N_("title, subject and key words of the file's properties"),
    "place": N_("the place where the picture was taken"),
    "camera": N_("the camera, and when the picture was taken"),
    "picture": N_("hidden notes in pictures"),
    "commenters": N_("names of those who commented or made changes"),
    "custom": N_("own properties and hidden data"),
    "scripts": N_("scripts and actions"),
    "attachments": N_("files inside the file"),
    "printer": N_("names of printers"),
    "links": N_("links that load something by themselves"),
    "preview": N_("a small picture of an earlier state"),
    "animation": N_("moving pictures after the first"),
    "forms": N_("data of forms"),
}
