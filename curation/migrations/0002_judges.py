import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("curation", "0001_initial"),
        ("annotate", "0001_initial"),
        ("access", "0001_initial"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Judge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('version', models.PositiveIntegerField(default=1)),
                ('method', models.CharField(help_text='A file of curation/judges.', max_length=40)),
                ('endpoint', models.CharField(blank=True, help_text="Name in the operator's file of model servers.", max_length=80)),
                ('prompt', models.TextField(blank=True, max_length=20000)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('note', models.CharField(blank=True, help_text='Why this version was made.', max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judges', to='access.organisation')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='curation.judge')),
                ('rater', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='judge', to='annotate.rater')),
            ],
            options={
                'ordering': ['name', '-version'],
            },
        ),
        migrations.CreateModel(
            name='JudgeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(blank=True, help_text='Blank: all that the judge can answer.', max_length=40)),
                ('most_tasks', models.PositiveIntegerField(blank=True, null=True)),
                ('only_gold', models.BooleanField(default=False, help_text='Only tasks of items with a released outcome.')),
                ('tasks', models.JSONField(blank=True, default=list, help_text='Only these tasks; none: all.')),
                ('in_batches', models.BooleanField(default=False)),
                ('seed', models.IntegerField(default=0)),
                ('budget_billionths', models.BigIntegerField(default=0)),
                ('budget_tokens', models.BigIntegerField(blank=True, help_text='Input and output; none: no limit.', null=True)),
                ('spent_billionths', models.BigIntegerField(default=0, help_text='What is reserved for requests under way included.')),
                ('spent_tokens', models.BigIntegerField(default=0)),
                ('counts', models.JSONField(blank=True, default=dict, help_text='Tasks, and how many were answered, unparsed, failed.')),
                ('end', models.CharField(blank=True, choices=[('finished', 'everything was asked'), ('budget', 'the budget is spent'), ('server', 'the server is gone'), ('set_up', 'the judge cannot work as it is set up'), ('cancelled', 'it was stopped'), ('error', 'something broke')], max_length=10)),
                ('reason', models.CharField(blank=True, help_text='What ended it, in words.', max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                ('judge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='curation.judge')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judge_runs', to='annotate.project')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='JudgeCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_hash', models.CharField(max_length=64)),
                ('endpoint', models.CharField(max_length=80)),
                ('model', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('reserved', 'sent, or about to be'), ('answered', 'answered, at its true cost'), ('failed', 'no answer, but it may have been charged'), ('lost', 'nobody knows what became of it; it may have been charged')], default='reserved', max_length=8)),
                ('batch', models.CharField(blank=True, help_text="The provider's id of the batch that it is in.", max_length=100)),
                ('texts', models.JSONField(blank=True, default=list)),
                ('first_tokens', models.JSONField(blank=True, default=list)),
                ('input_tokens', models.BigIntegerField()),
                ('output_tokens', models.BigIntegerField()),
                ('cost_billionths', models.BigIntegerField()),
                ('seconds', models.FloatField(default=0.0)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='judge_calls', to='access.organisation')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calls', to='curation.judgerun')),
            ],
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('unparsed', 'said something that is no answer'), ('failed', 'the server gave nothing')], default='unparsed', max_length=8)),
                ('reason', models.CharField(max_length=500)),
                ('samples', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('judge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='curation.judge')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='curation.judgerun')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='annotate.task')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='judge',
            constraint=models.UniqueConstraint(fields=('organisation', 'name', 'version'), name='judge_version_once_a_name'),
        ),
        migrations.AddConstraint(
            model_name='judgerun',
            constraint=models.CheckConstraint(condition=models.Q(('budget_billionths__gte', 0), ('spent_billionths__gte', 0), ('spent_tokens__gte', 0)), name='judge_run_money_not_negative'),
        ),
        migrations.AddIndex(
            model_name='judgecall',
            index=models.Index(fields=['run', 'state'], name='curation_ju_run_id_724bf1_idx'),
        ),
        migrations.AddConstraint(
            model_name='judgecall',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['reserved', 'answered'])), fields=('organisation', 'request_hash'), name='judge_call_paid_once'),
        ),
        migrations.AddConstraint(
            model_name='judgecall',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['reserved', 'answered', 'failed', 'lost'])), name='judge_call_state_known'),
        ),
        migrations.AddConstraint(
            model_name='refusal',
            constraint=models.UniqueConstraint(fields=('run', 'task', 'question'), name='refusal_once_a_question'),
        ),
    ]
