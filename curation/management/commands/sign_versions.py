"""Sign the dataset versions that this installation's key has not signed, once all else about them is right."""

from typing import Any

from django.conf import settings

from annotate.commands import JobCommand
from curation import sealing, signing
from curation.versions import VersionError


class Command(JobCommand):
    help = __doc__

    def work(self, **options: Any) -> dict[str, Any]:
        folders = sorted(path.parent for path in settings.DATASETS_DIR.glob("*/manifest.json"))
        signed, refused = 0, {}
        for number, folder in enumerate(folders):
            self.progress(number, len(folders), folder.name)
            try:
                signed += sealing.sign_again(folder)
            except (VersionError, signing.SigningError) as error:
                refused[folder.name] = str(error)
        return {"versions": len(folders), "signed": signed, "refused": refused}
