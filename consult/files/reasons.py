"""Codes and messages of reasons to refuse or hold a file, and of removed data."""

from __future__ import annotations

from typing import Any

from consult.core.i18n import N_

REASONS: dict[str, Any] = {
    "empty": N_("This file is empty. Choose another one."),
    "large": N_("This file is larger than 25 MB. Make it smaller, or split it."),
    "kind": N_(
        "We cannot accept this type of file. Save it as PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), "
        "CSV, plain text, JPEG, PNG, WebP or GIF."
    ),
    "old_office": N_("This file is in an old Office format. Save it as .docx, .xlsx or PDF, then choose it again."),
    "name": N_("The file extension does not match the content. Save the file again with the right extension."),
    "double": N_("This file mixes two formats, as harmful files do. Save it again in one format."),
    "virus": N_("A known virus was found in this file. Clean your device, then save the file again."),
    "password": N_("This file is protected by a password. Save it without one."),
    "macros": N_("This file contains macros or scripts. Save it without them, or as PDF."),
    "unpacks": N_(
        "This file is too large to open safely once it is unpacked. Split it, or save it in a simpler format."
    ),
    "members": N_("This file has too many parts. Split it, or save it in a simpler format."),
    "pixels": N_("This picture has too many pixels. Make it smaller than 40 megapixels."),
    "pages": N_("This document has more than 2,000 pages. Split it into smaller files."),
    "heavy": N_("This file is too large to open safely once it is unpacked. Split it, or save it in a simpler format."),
    "slow": N_("This file takes too long to read. Split it, or save it in a simpler format."),
    "broken": N_("This file is damaged or incomplete. Save it again and upload the new file."),
    "unchecked": N_("We could not check this file for viruses yet. We will try again automatically. Nothing is lost."),
}

REMOVED: dict[str, Any] = {
    "author": N_("names of authors"),
    "times": N_("creation and editing times"),
    "program": N_("the program that made the file"),
    "title": N_("title, subject and keywords in the file’s properties"),
    "place": N_("the location where the picture was taken"),
    "camera": N_("the camera and the time the picture was taken"),
    "picture": N_("hidden notes in images"),
    "commenters": N_("names of people who commented or made changes"),
    "custom": N_("custom properties and hidden data"),
    "scripts": N_("scripts and actions"),
    "attachments": N_("files inside the file"),
    "printer": N_("names of printers"),
    "links": N_("links that load content automatically"),
    "preview": N_("embedded thumbnail of an earlier version"),
    "animation": N_("animation frames after the first"),
    "forms": N_("form data"),
}
