from django.apps import AppConfig


class RewardtrainConfig(AppConfig):
    name = "rewardtrain"

    def ready(self) -> None:
        from annotate.access.policy import Permission
        from annotate.navigation import register_tab
        from curation import ports
        from rewardtrain.ports import models_of

        ports.register(models_of)
        register_tab("Reward models", "runs", permission=Permission.VIEW, order=60)
