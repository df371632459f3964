"""What workers do of media: previews, so that no page waits for them."""

from celery import shared_task
from celery.utils.log import get_task_logger

from annotate.media import services, types
from annotate.media.models import MediaFile

log = get_task_logger(__name__)


@shared_task(name="media.previews")
def make_previews(file_id: int) -> None:
    """All that the file's type makes of it. Small and repeatable work, so it is no job with a row of its own."""
    file = MediaFile.objects.filter(pk=file_id).first()
    for name in types.get(file.type).PREVIEWS if file is not None else ():
        try:
            services.preview(file, name)
        except (types.Refused, FileNotFoundError) as error:
            log.warning("no %s of %s: %s", name, file.digest[:12], error)
