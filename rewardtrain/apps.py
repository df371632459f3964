from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RewardtrainConfig(AppConfig):
    name = "rewardtrain"

    def ready(self) -> None:
        from annotate.access.policy import Permission
        from annotate.navigation import register_tab
        from curation import ports
        from rewardtrain.ports import models_of
        from rewardtrain.selectors import trained_on

        ports.register(models_of)
        ports.register_trainings(trained_on)
        register_tab(_("Reward models"), "runs", permission=Permission.VIEW, order=60)
